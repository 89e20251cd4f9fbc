/**
 * The checks of the exercises in {@code notebooks/exercises}: each compares one answer with the truth, which it works out
 * itself. A right one gets a sentence that says what has been learnt; a wrong one a {@link digits.exercises.NotYet}, whose
 * message tells what is wrong with it and what to try.
 */
package digits.exercises;
