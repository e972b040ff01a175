/* Alanine dipeptide in OpenMM, from C, with the energy of an energy plugin: Langevin dynamics at 300 K.
 *
 *   cc -I $OPENMM_DIR/include -I ffi/openmm-force/include host/examples/c/openmm.c \
 *      -L target/release -lepp_openmm -L $OPENMM_DIR/lib -lOpenMM -o dynamics
 *   LD_LIBRARY_PATH=target/release:$OPENMM_DIR/lib ./dynamics \
 *      target/release/libfreeland_molecular_mechanics.so plugins/molecule/data/alanine-dipeptide.obc1.xml \
 *      plugins/molecule/data/alanine-dipeptide.pdb
 *
 * The System gives the masses, the PDB file the positions. OpenMM's C wrapper ends the program where OpenMM throws; the
 * plugin is therefore asked once by epp_force_check, which returns an error instead.
 */
#include <OpenMMCWrapper.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "epp_openmm.h"

/* The text of a file, or NULL. */
static char *text_of(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  rewind(file);
  char *text = size < 0 ? NULL : malloc((size_t)size + 1);
  if (text) text[fread(text, 1, (size_t)size, file)] = '\0';
  fclose(file);
  return text;
}

/* The positions of a PDB file, nm. */
static OpenMM_Vec3Array *positions_of(const char *path) {
  char line[128];
  OpenMM_Vec3Array *positions = OpenMM_Vec3Array_create(0);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, "ATOM", 4) == 0 || strncmp(line, "HETATM", 6) == 0) {
      const OpenMM_Vec3 position = {atof(line + 30) / 10.0, atof(line + 38) / 10.0, atof(line + 46) / 10.0};
      OpenMM_Vec3Array_append(positions, position);
    }
  if (file) fclose(file);
  return positions;
}

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: dynamics PLUGIN SYSTEM.xml MOLECULE.pdb\n");
    return 2;
  }
  char error[2048];
  epp_force_options options = {.struct_size = sizeof options};
  options.plugin = arguments[1];
  options.config = "{\"implicit\": \"obc1\"}";
  if (epp_force_check(&options, error, sizeof error)) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }
  OpenMM_Force *force = epp_force_create(&options, error, sizeof error);
  if (!force) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }

  char *xml = text_of(arguments[2]);
  OpenMM_System *given = xml ? OpenMM_XmlSerializer_deserializeSystem(xml) : NULL;
  if (!given) {
    fprintf(stderr, "%s cannot be read\n", arguments[2]);
    return 1;
  }
  OpenMM_System *system = OpenMM_System_create();
  for (int i = 0; i < OpenMM_System_getNumParticles(given); i++)
    OpenMM_System_addParticle(system, OpenMM_System_getParticleMass(given, i));
  OpenMM_System_addForce(system, force); /* the System owns it now */

  OpenMM_Integrator *integrator = (OpenMM_Integrator *)OpenMM_LangevinMiddleIntegrator_create(300.0, 1.0, 0.001);
  OpenMM_Platform *platform = OpenMM_Platform_getPlatformByName("Reference");
  OpenMM_Context *context = OpenMM_Context_create_2(system, integrator, platform);
  OpenMM_Vec3Array *positions = positions_of(arguments[3]);
  OpenMM_Context_setPositions(context, positions);
  OpenMM_LocalEnergyMinimizer_minimize(context, 10.0, 0, NULL);
  OpenMM_Context_setVelocitiesToTemperature(context, 300.0, 1);
  for (int report = 0; report <= 5; report++) {
    if (report) OpenMM_Integrator_step(integrator, 200);
    OpenMM_State *state = OpenMM_Context_getState(context, OpenMM_State_Energy, 0);
    printf("%5.1f ps  potential %10.3f kJ/mol  kinetic %9.3f kJ/mol\n", OpenMM_State_getTime(state),
           OpenMM_State_getPotentialEnergy(state), OpenMM_State_getKineticEnergy(state));
    OpenMM_State_destroy(state);
  }
  OpenMM_Vec3Array_destroy(positions);
  OpenMM_Context_destroy(context);
  OpenMM_Integrator_destroy(integrator);
  OpenMM_System_destroy(system);
  OpenMM_System_destroy(given);
  free(xml);
  return 0;
}
