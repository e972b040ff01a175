/* What potential.c offers to plugin.c. */
#ifndef POTENTIAL_H
#define POTENTIAL_H

enum { ATOMS = 13 };

/* The length, nm, that the starting configuration is built with, and what every atom is. */
static const double spacing = 0.38;
static const uint32_t atomic_number = 18;
static const double mass = 39.948; /* Da */

/* The energy in kJ/mol of the positions r, [ATOMS][3] nm. Adds +dU/dr, kJ/mol/nm, to `gradient`, and the sum over pairs of
 * d[k] dU/dd[l], kJ/mol, to `virial`, [3][3]; both come as zeros. Called from many threads at once: nothing in it may be
 * shared and written. */
double potential(const double *r, double *gradient, double *virial);

#endif
