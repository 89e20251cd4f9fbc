/**
 * Trains several settings with several seeds, keeps the results and tabulates them. May import {@code training} and the
 * packages below it. Planned runs are plain values, so that a {@link digits.experiments.RunExecutor} can train them
 * elsewhere.
 */
package digits.experiments;
