package digits.acceleration;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Access to fields of Deeplearning4j 1.0.0-M2.1 that are not public. */
final class PrivateField {
    private PrivateField() { }

    static VarHandle of(Class<?> owner, String name) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
                    .unreflectVarHandle(owner.getDeclaredField(name));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(owner.getName() + " has no field \"" + name
                    + "\": another version of Deeplearning4j than 1.0.0-M2.1 is on the classpath", e);
        }
    }
}
