package digits.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GridTest {
    private final Grid grid = Grid.of(2, 3, 0, 1, 2, 10, -11, 12);

    @Test
    void knowsItsNumbers() {
        assertEquals(12, grid.value(1, 2));
        assertEquals(-11, grid.min());
        assertEquals(12, grid.max());
        assertEquals(12, grid.magnitude());
        assertEquals(3, Grid.of(1, 2, -3, 2).magnitude());
        assertThrows(IndexOutOfBoundsException.class, () -> grid.value(0, 3));
        assertThrows(IllegalArgumentException.class, () -> Grid.of(2, 2, 1, 2, 3));
        assertThrows(IllegalArgumentException.class, () -> Grid.of(0, 0));
    }

    @Test
    void cannotBeChangedFromOutside() {
        float[] numbers = {1, 2};
        Grid own = Grid.of(1, 2, numbers);
        numbers[0] = 9;
        own.values()[1] = 9;
        assertEquals(Grid.of(1, 2, 1, 2), own);
        assertNotEquals(Grid.of(2, 1, 1, 2), own);
    }

    @Test
    void anArrayOfGridsIsTakenApartInItsOrderWhateverItsStrides() {
        INDArray array = Nd4j.arange(24).castTo(DataType.DOUBLE).reshape(2, 1, 3, 4);
        Grid first = Grid.of(3, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertEquals(first, Grid.all(array).get(0));
        assertEquals(Grid.all(array), Grid.all(array.dup('f')));
        assertEquals(Grid.all(array), Grid.all(array.permute(1, 0, 3, 2).dup().permute(1, 0, 3, 2)));
        assertEquals(List.of(Grid.all(array).get(1)), Grid.all(array.slice(1)));
    }

    @Test
    void interpolatesBetweenItsPointsAndGoesOnBeyondThem() {
        assertEquals(1, grid.between(0, 1));
        assertEquals(1.5, grid.between(0, 1.5));
        assertEquals(5, grid.between(0.5, 0));
        assertEquals(0.25 * (0 + 1 + 10 - 11), grid.between(0.5, 0.5));
        assertEquals(0, grid.between(-3, -1));
        assertEquals(12, grid.between(7, 2.5));
    }

    @Test
    void aConvolutionIsASumOfProductsAtEachPlace() {
        Grid image = Grid.of(3, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        Grid filter = Grid.of(2, 2, 0, 1, 2, 3);
        // by hand: 0·0 + 1·1 + 2·4 + 3·5 = 24, each step to the right adds 6, the next row 24
        assertEquals(Grid.of(2, 3, 24, 30, 36, 48, 54, 60), image.convolved(filter, 1));
        assertEquals(Grid.of(1, 2, 24, 36), image.convolved(filter, 2));
        assertEquals(Grid.of(2, 2, 19, 25, 37, 43), Grid.of(3, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8).convolved(filter, 1),
                "the example of Dive into Deep Learning");
        assertEquals(Grid.of(1, 1, 66), image.convolved(Grid.of(3, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 7));
        assertEquals(Grid.of(3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1), image.convolved(Grid.of(1, 2, -1, 1), 1), "no flip");
        assertThrows(IllegalArgumentException.class, () -> image.convolved(image.transposed(), 1));
        assertThrows(IllegalArgumentException.class, () -> image.convolved(filter, 0));
    }

    @Test
    void poolingKeepsTheLargestOfEachSquare() {
        Grid map = Grid.of(3, 4, 0, 1, -2, -3, -4, 5, -6, -7, 8, 9, 10, 11);
        assertEquals(Grid.of(1, 2, 5, -2), map.maxPooled(2));
        assertEquals(Grid.of(1, 1, 10), map.maxPooled(3));
        assertEquals(map, map.maxPooled(1));
        assertThrows(IllegalArgumentException.class, () -> map.maxPooled(4));
        assertThrows(IllegalArgumentException.class, () -> map.maxPooled(0));
    }

    @Test
    void percentilesAreNumbersOfTheGrid() {
        assertEquals(-11, grid.percentile(0));
        assertEquals(1, grid.percentile(0.5));
        assertEquals(12, grid.percentile(1));
        float[] hundred = new float[101];
        for (int i = 0; i < 101; i++) hundred[i] = (i * 37) % 101;
        assertEquals(99, Grid.of(1, 101, hundred).percentile(0.99));
        assertEquals(11, grid.map(Math::abs).percentile(0.8));
    }

    @Test
    void eachNumberOfAnAverageIsTheMeanOfItsArea() {
        Grid line = Grid.of(1, 4, 1, 0, 0, 0.5f).averaged(1, 2);
        assertEquals(0.5f, line.value(0, 0), 1e-6);
        assertEquals(0.25f, line.value(0, 1), 1e-6);
        Grid three = Grid.of(2, 2, 1, 0, 0, 1).averaged(3, 3);
        assertEquals(1, three.value(0, 0), 1e-6);
        assertEquals(0.5, three.value(0, 1), 1e-6);   // half of it is 1
        assertEquals(0.5, three.value(1, 1), 1e-6);
        Grid ones = Grid.of(37, 53, new float[37 * 53]).map(value -> 1).averaged(11, 7);
        for (float value : ones.values()) assertEquals(1, value, 1e-5);
    }

    @Test
    void croppingUndoesPadding() {
        assertEquals(Grid.of(2, 1, 2, 12), grid.crop(0, 2, 2, 1));
        assertEquals(Grid.of(3, 4, 0, 0, 0, 0, 0, 0, 1, 2, 0, 10, -11, 12), grid.pad(1, 1, 3, 4));
        assertEquals(grid, grid.pad(4, 5, 9, 8).crop(4, 5, 2, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> grid.crop(1, 0, 2, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> grid.pad(0, 1, 2, 3));
    }

    @Test
    void interpolatingToItsOwnSizeChangesNothing() {
        assertEquals(grid, grid.interpolated(2, 3));
        assertEquals(Grid.of(1, 4, 0, 0.5f, 1.5f, 2), Grid.of(1, 2, 0, 2).interpolated(1, 4));
    }

    @Test
    void theCenterOfMassWeighsByTheNumbers() {
        assertArrayEquals(new double[] {0.5, 1}, Grid.of(2, 3, 1, 0, 1, 1, 0, 1).centerOfMass());
        assertArrayEquals(new double[] {0.75, 0}, Grid.of(2, 1, 1, 3).centerOfMass());
    }

    @Test
    void aNetworkReadsItAsOneImage() {
        INDArray array = grid.toArray();
        assertArrayEquals(new long[] {1, 1, 2, 3}, array.shape());
        assertEquals(List.of(grid), Grid.all(array));
    }
}
