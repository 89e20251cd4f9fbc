/**
 * The checks of the exercises in {@code notebooks/exercises}. A right answer gets a sentence that sums up the lesson; a
 * wrong one a {@link digits.exercises.NotYet}, whose message says what is wrong and what to try. May import every
 * package except {@code demo}.
 */
package digits.exercises;
