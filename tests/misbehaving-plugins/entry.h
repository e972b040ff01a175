/* The rest of plugin.h: what names the hooks, and so comes after them. */
UNUSED static const void *plugin_extension(void *self, const char *id) {
  static const epp_outputs_extension outputs = {sizeof outputs, outputs_count, DESCRIBE_OUTPUT};
  static const epp_parameters_extension parameters = {sizeof parameters, parameters_count, DESCRIBE_PARAMETER};
  (void)self;
  if (number_of_outputs() && strcmp(id, EPP_EXT_OUTPUTS) == 0) return &outputs;
  if (number_of_parameters() && strcmp(id, EPP_EXT_PARAMETERS) == 0) return &parameters;
  return NULL;
}

UNUSED static instance *new_instance(const epp_host *host, double depth) {
  static const char digits[] = "0123456789abcdef";
  uint64_t bits;
  instance *made = (instance *)calloc(1, sizeof *made);
  if (!made) abort();
  made->potential.struct_size = sizeof made->potential;
  made->potential.self = made;
  made->potential.info = INFO;
  made->potential.evaluate = EVALUATE;
  made->potential.extension = EXTENSION;
  made->potential.destroy = DESTROY;
  made->potential.derive = DERIVE;
  made->host = host;
  made->depth = depth;
  memcpy(&bits, &depth, sizeof bits);
  for (int k = 0; k < 16; k++) made->fingerprint[k] = digits[bits >> 4 * k & 15];
  return made;
}

UNUSED static int32_t plugin_create(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const epp_create request = request_of(theirs);
  double depth = DEPTH;
  if (request.required & ~(uint32_t)KNOWN_REQUIRED) {
    say(error, "a required bit that is not known");
    return EPP_E_UNSUPPORTED;
  }
  if (strcmp(request.id, ID) != 0) {
    say(error, "no such id");
    return EPP_E_UNKNOWN_ID;
  }
  if (request.config_json && !takes_config(request.config_json, &depth)) {
    say(error, HAS_DEPTH ? "expected {\"depth\": 1 to 9}; there is no such key as no-such-key, nor any other"
                         : "expected {}; there is no such key as no-such-key, nor any other");
    return EPP_E_BAD_CONFIG;
  }
  *out = &new_instance(request.host, depth)->potential;
  return EPP_OK;
}

#ifndef __cplusplus /* C++ wants it at the declaration only, which epp.h has. */
EPP_EXPORT
#endif
const epp_entry epp_plugin_entry = {
    .struct_size = ENTRY_SIZE,
    .magic = MAGIC,
    .abi_major = MAJOR,
    .abi_minor = MINOR,
    .required = ENTRY_REQUIRED,
    .count = plugin_count,
    .descriptor = DESCRIPTOR,
    .create = CREATE,
    .extension = LIBRARY_EXTENSION,
};
