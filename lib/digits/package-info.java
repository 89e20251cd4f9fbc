/** What every other package may use: settings, progress and text. Imports no other package of the library. */
package digits;
