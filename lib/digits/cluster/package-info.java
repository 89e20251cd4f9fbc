/**
 * More than one machine: experiments, data-parallel training and predictions on an Apache Spark cluster. May import
 * {@code experiments} and all below it; nothing imports this package, which is built only by Maven's profile
 * {@code spark} into a separate jar. What travels to the executors are values (configurations as JSON, images,
 * settings) and this package's own functions: the classes of a notebook exist nowhere else.
 */
package digits.cluster;
