/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * epp_openmm.h - an OpenMM Force over an energy plugin, for C
 *
 * Link libepp_openmm and libOpenMM. The Force belongs to OpenMM: OpenMM_System_addForce takes it over, and the functions
 * OpenMM_Force_* work on it. C++ users take EppForce.h; Python users the package `freeland`.
 *
 *   epp_force_options options = {.struct_size = sizeof options};
 *   options.plugin = "molecular-mechanics";
 *   options.config = "{}";
 *   options.force_group = 1;
 *   char error[1024];
 *   OpenMM_Force *force = epp_force_create(&options, error, sizeof error);
 *   if (!force) { fprintf(stderr, "%s\n", error); return 1; }
 *   OpenMM_System_addForce(system, force);
 *
 * Functions may be called from any thread. None lets an exception through. Text is UTF-8 and NUL-terminated. Functions and
 * names of options are only ever added, and structs say their size: a program runs with every later libepp_openmm.
 *
 * Two things make a plugin more powerful than its Force says, and no document can grant them: `trust_writable` and
 * `writable`. They are not kept in XML. Where XML is read, the program sets them by epp_force_data_set_*; and for all Forces
 * of a process, environment FREELAND_TRUST_WRITABLE=1 does what trust_writable does for one.
 */
#ifndef EPP_OPENMM_H
#define EPP_OPENMM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* epp_force_options.periodic */
#define EPP_FORCE_AS_PLUGIN 0    /* what the plugin says */
#define EPP_FORCE_PERIODIC 1     /* refused where the plugin is not periodic */
#define EPP_FORCE_NOT_PERIODIC 2 /* refused where the plugin is periodic */

/* epp_force_options.isolation */
#define EPP_FORCE_IN_PROCESS 0 /* the plugin runs in this process */
#define EPP_FORCE_WORKER 1     /* the plugin runs in a worker process: a crash of it is an error, not the end */

/* epp_force_options.confinement: what happens where the system cannot keep a worker from all that it should */
#define EPP_FORCE_BEST_EFFORT 0 /* it is logged, and the plugin runs */
#define EPP_FORCE_REQUIRED 1    /* nothing of the plugin is loaded */

/* epp_force_options.failure: what a configuration does that the plugin cannot evaluate */
#define EPP_FORCE_THROWS 0   /* OpenMMException with its status */
#define EPP_FORCE_INFINITY 1 /* an energy of +infinity, forces of NaN: minimisers and Monte Carlo step back */
#define EPP_FORCE_NAN 2      /* energy and forces NaN */

/* What a Force is made of. Set struct_size to sizeof(epp_force_options), the rest to 0 where it is not needed; what the
 * pointers name is copied. */
typedef struct epp_force_options {
  uint64_t struct_size;
  const char *plugin;      /* an id such as "molecular-mechanics", the path of a library, or path.so#id; required */
  const char *config;      /* a JSON object; NULL means {} */
  const char *search_path; /* folders with plugins to search first, separated by colons; may be NULL */
  const char *sha256;      /* NULL, or 64 hexadecimal digits: another library than this is refused */
  const char *folder;      /* what relative paths in the configuration start from; NULL: the working folder */
  const char *name;        /* of the Force; NULL means "EppForce" */
  const int32_t *particles; /* [particle_count] particles of the System in the plugin's order of atoms */
  uint64_t particle_count;  /* 0: all particles of the System */
  const char *const *parameter_names; /* [parameter_count] default values other than the plugin's */
  const double *parameter_values;     /* [parameter_count] */
  uint64_t parameter_count;
  int32_t force_group; /* 0 to 31 */
  int32_t periodic;    /* EPP_FORCE_AS_PLUGIN, EPP_FORCE_PERIODIC, EPP_FORCE_NOT_PERIODIC */
  int32_t failure;     /* EPP_FORCE_THROWS, EPP_FORCE_INFINITY, EPP_FORCE_NAN */
  int32_t isolation;   /* EPP_FORCE_IN_PROCESS, EPP_FORCE_WORKER */
  uint32_t threads;    /* on how many threads one call may work; 0: as many as there are */
  int32_t confinement; /* EPP_FORCE_BEST_EFFORT, EPP_FORCE_REQUIRED */
  uint64_t time_limit_ms; /* with EPP_FORCE_WORKER: how long one call may take before it is stopped; 0: 60 s */
  uint64_t memory;        /* with EPP_FORCE_WORKER: the memory of the worker, bytes; 0: no limit */
  const char *writable;   /* with EPP_FORCE_WORKER: files and folders that it may write to, separated by colons */
  int32_t trust_writable; /* 1: also a library that others than its user may write to */
  int32_t reserved;       /* 0 */
} epp_force_options;

struct OpenMM_Force_struct; /* OpenMM_Force of OpenMMCWrapper.h */

/* A new Force, or NULL and a sentence in `error` (at most `capacity` bytes, the final NUL included; may be NULL). The
 * plugin is loaded when a Context is made of the System; whatever is wrong with it is said there. */
struct OpenMM_Force_struct *epp_force_create(const epp_force_options *options, char *error, uint64_t capacity);

/* Loads the plugin as a Context would, and closes it: 0, or 1 and a sentence in `error`. OpenMM's C wrapper ends the program
 * where OpenMM throws, as it does where a Context is made with a plugin that cannot be loaded; so ask first. */
int32_t epp_force_check(const epp_force_options *options, char *error, uint64_t capacity);

/* The serialised Force, as XmlSerializer writes it. Writes at most `capacity` bytes of it, the final NUL included, and
 * returns the bytes that the whole text needs, the final NUL included; 0 where it failed, with a sentence in `error`. */
uint64_t epp_force_xml(const epp_force_options *options, char *xml, uint64_t capacity, char *error,
                       uint64_t error_capacity);

/* Where messages go, for all Forces of the process: those of plugins, with the file name of the library; and those of
 * libepp_openmm, with "libepp_openmm". `level`: 1 error, 2 warning, 3 information, 4 for who looks for a fault. It may be called
 * from any thread, and while calls of OpenMM wait for it: it must come back soon, and must not call OpenMM or this library.
 * NULL: errors and warnings go to the standard error, which is what happens where this is never called. */
typedef void (*epp_force_log)(void *context, uint32_t level, const char *source, const char *text);
void epp_force_set_log(epp_force_log log, void *context);

/* Makes OpenMM able to read a System with such a Force from XML. Each function above does it too, and so does
 * Platform.loadPluginLibrary; calling it again does nothing. */
void epp_force_register(void);

/* ---- What one Force is made of, by the names of README.md ("searchPath", "failure", ...). EppForce.h is made of these
 * functions; in other languages they serve to look at a Force that came out of XML, and to change it before a Context is
 * made. Functions that return int32_t return 0, or 1 and a sentence in `error`. One Force is used by one thread at a
 * time. ---- */
typedef struct epp_force_data epp_force_data;

/* That of an OpenMM_Force, to which it belongs; NULL where the Force is none of epp_force_create, EppForce, or XML. */
epp_force_data *epp_force_data_of(struct OpenMM_Force_struct *force);

/* A text, and a number; "" and 0 where there is none of that name. A text lives until it is set, or its Force is gone. */
const char *epp_force_data_text(const epp_force_data *data, const char *name);
int32_t epp_force_data_set_text(epp_force_data *data, const char *name, const char *value, char *error,
                                uint64_t capacity);
int64_t epp_force_data_integer(const epp_force_data *data, const char *name);
int32_t epp_force_data_set_integer(epp_force_data *data, const char *name, int64_t value, char *error,
                                   uint64_t capacity);

/* The particles: their number, and where they lie until they are set. */
uint64_t epp_force_data_particles(const epp_force_data *data, const int32_t **indices);
int32_t epp_force_data_set_particles(epp_force_data *data, const int32_t *indices, uint64_t count, char *error,
                                     uint64_t capacity);

/* Default values of parameters: the name of `index`, from 0, and its value; NULL beyond the last. */
const char *epp_force_data_parameter(const epp_force_data *data, uint64_t index, double *value);
int32_t epp_force_data_set_parameter(epp_force_data *data, const char *name, double value, char *error,
                                     uint64_t capacity);

/* For EppForce.h, not for you. NULL, and -1 of is_periodic: failed. */
epp_force_data *epp_force_data_new(void);
epp_force_data *epp_force_data_copy(const epp_force_data *data);
void epp_force_data_delete(epp_force_data *data);
int32_t epp_force_data_is_periodic(const epp_force_data *data, char *error, uint64_t capacity);
void *epp_force_data_impl(const epp_force_data *data, const void *force, char *error, uint64_t capacity);

#ifdef __cplusplus
}
#endif

#endif /* EPP_OPENMM_H */
