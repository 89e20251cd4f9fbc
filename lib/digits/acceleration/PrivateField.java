package digits.acceleration;

import java.lang.reflect.Field;

/** A field of Deeplearning4j 1.0.0-M2.1 that is not public. */
final class PrivateField {
    private final Field field;

    PrivateField(Class<?> owner, String name) {
        try {
            field = owner.getDeclaredField(name);
            field.setAccessible(true);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(owner.getName() + " has no field \"" + name
                    + "\": another version of Deeplearning4j than 1.0.0-M2.1 is on the classpath", e);
        }
    }

    /** The field's value, whose type the caller knows. */
    @SuppressWarnings("unchecked")
    <T> T get(Object object) {
        try {
            return (T) field.get(object);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot read " + field, e);
        }
    }

    void set(Object object, Object value) {
        try {
            field.set(object, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot set " + field, e);
        }
    }
}
