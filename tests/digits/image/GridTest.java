package digits.image;

import static org.junit.jupiter.api.Assertions.*;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GridTest {
    private final Grid plane = Grid.of(2, 3, 0, 1, 2, 10, -11, 12);

    @Test
    void knowsItsNumbers() {
        assertEquals(12, plane.value(1, 2));
        assertEquals(-11, plane.min());
        assertEquals(12, plane.max());
        assertEquals(12, plane.magnitude());
        assertEquals(3, Grid.of(1, 2, -3, 2).magnitude());
        assertThrows(IndexOutOfBoundsException.class, () -> plane.value(0, 3));
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
    void anArrayOfPlanesIsTakenApartInItsOrderWhateverItsStrides() {
        INDArray array = Nd4j.arange(24).castTo(DataType.DOUBLE).reshape(2, 1, 3, 4);
        Grid first = Grid.of(3, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertEquals(first, Grid.all(array).get(0));
        assertEquals(Grid.all(array), Grid.all(array.dup('f')));
        assertEquals(Grid.all(array), Grid.all(array.permute(1, 0, 3, 2).dup().permute(1, 0, 3, 2)));
        assertEquals(List.of(Grid.all(array).get(1)), Grid.all(array.slice(1)));
    }

    @Test
    void interpolatesBetweenItsPointsAndGoesOnBeyondThem() {
        assertEquals(1, plane.between(0, 1));
        assertEquals(1.5, plane.between(0, 1.5));
        assertEquals(5, plane.between(0.5, 0));
        assertEquals(0.25 * (0 + 1 + 10 - 11), plane.between(0.5, 0.5));
        assertEquals(0, plane.between(-3, -1));
        assertEquals(12, plane.between(7, 2.5));
    }
}
