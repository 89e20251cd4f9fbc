package digits.demo;

import digits.Settings;
import java.util.concurrent.CountDownLatch;

/** “Draw a digit” outside a notebook: {@code make demo}. Prints the address; Ctrl-C stops it. */
public final class DemoMain {
    private DemoMain() {
    }

    /** Runs until the process is stopped. */
    public static void main(String[] arguments) throws InterruptedException {
        try {
            LiveModel model = LiveModel.newest(Settings.fromEnvironment());
            Demo demo = Demo.start(model);
            System.out.println("Draw a digit: " + demo.link());
            if (!demo.link().equals(demo.address().toString())) {
                System.out.println("(behind the address of your hub, through jupyter-server-proxy)");
            }
            System.out.println(model.description());
            System.out.println("Ctrl-C stops it.");
        } catch (RuntimeException problem) {
            System.err.println(problem.getMessage());
            System.exit(1);
        }
        new CountDownLatch(1).await();
    }
}
