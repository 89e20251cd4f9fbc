/** What every package may use: the settings of a run, progress, and text. Imports no other package of the library. */
package digits;
