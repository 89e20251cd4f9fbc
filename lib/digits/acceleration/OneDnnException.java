package digits.acceleration;

/** oneDNN has no code for what was asked; the layer then keeps the built-in path. */
final class OneDnnException extends RuntimeException {
    OneDnnException(String message) {
        super(message);
    }
}
