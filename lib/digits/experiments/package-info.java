/**
 * Trains several settings with several seeds and keeps the results. May import {@code training} and all below it. Plans
 * are plain values, so that a {@link digits.experiments.RunExecutor} can train them elsewhere.
 */
package digits.experiments;
