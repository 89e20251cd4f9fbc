package digits.portable;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import digits.engine.Region;
import digits.engine.Workers;
import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * Matrix products of the native library OpenBLAS, each in the thread that asks for it: many small products in several
 * threads are faster than OpenBLAS's threads for each of them.
 */
public final class OpenBlas {
    private static final int NARROWEST = 128;      // rows or columns of a part
    private static final int PRODUCTS = 64;        // multiplications that take as long as passing over a number

    private static final Optional<String> MISSING = load();
    private static int threads;   // that OpenBLAS had before the first pass; 0 before that

    private OpenBlas() { }

    /** Why OpenBLAS cannot be used on this machine; empty if it can. */
    public static Optional<String> missing() {
        return MISSING;
    }

    private static Optional<String> load() {
        try {
            Workers.count();   // loads ND4J, which loads OpenBLAS
            openblas_nolapack.blas_get_num_threads();
            return Optional.empty();
        } catch (LinkageError | RuntimeException absent) {
            return Optional.of("OpenBLAS does not load (" + absent + ")");
        }
    }

    /** A matrix, row by row: the address of its first number, and the numbers from one row to the next. */
    record Matrix(long address, int stride, boolean transposed) {
        Matrix(long address, int stride) {
            this(address, stride, false);
        }

        Matrix(Region whole, int stride) {
            this(whole.address(), stride, false);
        }

        Matrix transpose() {
            return new Matrix(address, stride, !transposed);
        }

        /** The same matrix without the first rows and columns, as they are after transposing. */
        Matrix from(int row, int column) {
            long first = transposed ? (long) column * stride + row : (long) row * stride + column;
            return new Matrix(address + first * Float.BYTES, stride, transposed);
        }

        private int order() {
            return transposed ? CblasTrans : CblasNoTrans;
        }
    }

    /** c = a b, or c += a b; a has m rows and k columns, b has n columns. */
    static void multiply(int m, int n, int k, Matrix a, Matrix b, boolean add, Matrix c) {
        openblas_nolapack.cblas_sgemm(CblasRowMajor, a.order(), b.order(), m, n, k, 1, new At(a.address), a.stride,
                new At(b.address), b.stride, add ? 1 : 0, new At(c.address), c.stride);
    }

    /** c = a b, cut along the longer side of c into parts for the workers. */
    static void multiplyShared(int m, int n, int k, Matrix a, Matrix b, Matrix c) {
        int longer = Math.max(m, n);
        int parts = Math.min(Workers.parts((long) m * n * k / PRODUCTS), Math.max(1, longer / NARROWEST));
        shared(parts, (part, worker) -> {
            int from = (int) ((long) part * longer / parts);
            int count = (int) ((part + 1L) * longer / parts) - from;
            if (m == longer) multiply(count, n, k, a.from(from, 0), b, false, c.from(from, 0));
            else multiply(m, count, k, a, b.from(0, from), false, c.from(0, from));
        });
    }

    /** sums = the sum of the rows of a matrix of m rows and n columns, or sums += that; ones has m times a 1. */
    static void sumRows(int m, int n, long matrix, long ones, boolean add, long sums) {
        openblas_nolapack.cblas_sgemv(CblasRowMajor, CblasTrans, m, n, 1, new At(matrix), n, new At(ones), 1,
                add ? 1 : 0, new At(sums), 1);
    }

    /** b += a, for this many numbers. */
    static void add(int count, long a, long b) {
        openblas_nolapack.cblas_saxpy(count, 1, new At(a), 1, new At(b), 1);
    }

    /** Shares the parts among the workers; each product uses the thread that asks for it. */
    static void shared(int parts, Workers.Part work) {
        useOneThread();
        Workers.each(parts, work);
    }

    /** The number of threads is one setting for the whole process, and changing it takes milliseconds: it stays. */
    private static synchronized void useOneThread() {
        int now = openblas_nolapack.blas_get_num_threads();
        if (now == 1 || now < 1 && threads != 0) return;   // below 1 it is unknown
        threads = now;
        openblas_nolapack.blas_set_num_threads(1);
    }

    /** Gives OpenBLAS the threads again that it had before the first pass, for networks that compute without this. */
    public static synchronized void restoreThreads() {
        if (threads > 1) openblas_nolapack.blas_set_num_threads(threads);
        threads = 0;
    }

    /** A pointer to numbers that belong to someone else. */
    private static final class At extends FloatPointer {
        At(long address) {
            this.address = address;
        }
    }
}
