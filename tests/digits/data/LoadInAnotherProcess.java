package digits.data;

import digits.fetch.Download;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Loads the stand-in set: what a second notebook does, for {@link DownloadTest}. Arguments: cache, mirror, train, test.
 */
public final class LoadInAnotherProcess {
    private LoadInAnotherProcess() {
    }

    public static void main(String[] arguments) {
        Dataset loaded = new DatasetLoader(IdxBytes.set(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3])),
                Optional.empty(), Path.of(arguments[0]), List.of(URI.create(arguments[1])),
                Download.Patience.USUAL, Integer.MAX_VALUE).load(progress -> { });
        System.out.println(loaded.provenance().source() + " " + loaded.train().size() + " " + loaded.test().size());
    }
}
