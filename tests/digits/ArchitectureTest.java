package digits;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The floors of the library: a package may use only the packages below it. ARCHITECTURE.md draws them. */
class ArchitectureTest {
    /** Bottom to top; the root package, with the settings, lies below them all. */
    private static final List<String> FLOORS = List.of("files", "fetch", "image", "data", "networks", "engine",
            "portable", "onednn", "acceleration", "keras", "onnx", "evaluation", "training", "experiments", "cluster",
            "interpret", "pictures", "html", "exercises", "demo");

    private static final JavaClasses LIBRARY = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)   // Spark alone has 160
            .withImportOption(location -> !location.contains("/test-classes/")).importPackages("digits");

    @TestFactory
    Stream<DynamicTest> aPackageUsesOnlyThoseBelowIt() {
        return FLOORS.stream().map(floor -> DynamicTest.dynamicTest(floor, () -> {
            String[] above = within(FLOORS.subList(FLOORS.indexOf(floor) + 1, FLOORS.size()));
            if (above.length > 0) {
                noClasses().that().resideInAPackage("digits." + floor + "..").should().dependOnClassesThat()
                        .resideInAnyPackage(above).allowEmptyShould(floor.equals("cluster"))   // see below
                        .check(LIBRARY);
            }
        }));
    }

    @Test
    void theRootPackageUsesNoOther() {
        noClasses().that().resideInAPackage("digits").should().dependOnClassesThat()
                .resideInAnyPackage(within(FLOORS)).check(LIBRARY);
    }

    @Test
    void thereIsNoCycle() {
        slices().matching("digits.(*)..").should().beFreeOfCycles().check(LIBRARY);
    }

    @Test
    void everyPackageHasItsFloor() {
        TreeSet<String> found = LIBRARY.stream().map(JavaClass::getPackageName).filter(name -> !name.equals("digits"))
                .map(name -> name.substring("digits.".length())).collect(Collectors.toCollection(TreeSet::new));
        found.add("cluster");   // only the profile spark builds it
        assertEquals(new TreeSet<>(FLOORS), found);
    }

    @Test
    void enginesKnowNothingOfDeeplearning4j() {
        noClasses().that().resideInAnyPackage("digits.engine", "digits.portable", "digits.onednn").should()
                .dependOnClassesThat(resideInAPackage("org.deeplearning4j..")).check(LIBRARY);
    }

    @Test
    void portableCodeNeedsNoOneDnn() {
        noClasses().that().resideInAnyPackage("digits.engine", "digits.portable").should().dependOnClassesThat(
                resideInAPackage("org.bytedeco.dnnl..")).check(LIBRARY);
    }

    /** {@code FrozenNetwork} has no public way in: it is what {@code Acceleration.freeze} returns. */
    @Test
    void accelerationHasOneEntry() {
        List<String> entries = LIBRARY.stream().filter(type -> type.getPackageName().equals("digits.acceleration"))
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(JavaClass::isTopLevelClass).map(JavaClass::getSimpleName).sorted().toList();
        assertEquals(List.of("Acceleration", "FrozenNetwork"), entries);
    }

    @Test
    void onlyPicturesAndWhatReadsOrDrawsImagesKnowAwt() {
        noClasses().that().resideOutsideOfPackages("digits.image", "digits.pictures", "digits.html", "digits.demo")
                .should().dependOnClassesThat().resideInAnyPackage("java.awt..", "javax.imageio..").check(LIBRARY);
    }

    @Test
    void exercisesAndTheDemoDoNotKnowEachOther() {
        noClasses().that().resideInAPackage("digits.demo..").should().dependOnClassesThat()
                .resideInAPackage("digits.exercises..").check(LIBRARY);
    }

    @Test
    void onlyTheClusterKnowsSpark() {
        noClasses().that().resideOutsideOfPackage("digits.cluster").should().dependOnClassesThat()
                .resideInAnyPackage("org.apache.spark..", "scala..", "org.apache.hadoop..", "digits.cluster..")
                .check(LIBRARY);
    }

    @Test
    void noKernelIsKnown() {
        noClasses().should().dependOnClassesThat().resideInAnyPackage("org.dflib.jjava..", "io.github.spencerpark..")
                .check(LIBRARY);
    }

    @Test
    void utilitiesCannotBeExtended() {
        classes().that().areTopLevelClasses().and().areNotInterfaces().and().arePublic()
                .and().doNotHaveModifier(JavaModifier.ABSTRACT)
                .should().haveModifier(JavaModifier.FINAL).check(LIBRARY);
        assertTrue(LIBRARY.size() > 100);
    }

    private static String[] within(List<String> floors) {
        return floors.stream().map(floor -> "digits." + floor + "..").toArray(String[]::new);
    }
}
