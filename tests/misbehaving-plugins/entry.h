/* The rest of plugin.h: what names the hooks, and so comes after them. */
UNUSED static epp_potential plugin_potential = {
    .struct_size = sizeof(epp_potential),
    .self = NULL,
    .info = INFO,
    .evaluate = EVALUATE,
    .extension = EXTENSION,
    .destroy = DESTROY,
    .derive = DERIVE,
};

/* As plugin_create, whatever the request says of these two. */
UNUSED static int32_t create_with(const epp_create *request, const char *id, const char *config_json,
                                  epp_potential **out, epp_error *error) {
  plugin_host = request->host;
  if (strcmp(id, ID) != 0) {
    say(error, "no such id");
    return EPP_E_UNKNOWN_ID;
  }
  if (config_json && !is_empty_object(config_json)) {
    say(error, "expected {}; there is no such key as no-such-key, nor any other");
    return EPP_E_BAD_CONFIG;
  }
  if (request->struct_size >= sizeof *request && request->required) {
    say(error, "an unknown requirement");
    return EPP_E_UNSUPPORTED;
  }
  *out = &plugin_potential;
  return EPP_OK;
}

UNUSED static int32_t plugin_create(const epp_create *request, epp_potential **out, epp_error *error) {
  return create_with(request, request->id, request->config_json, out, error);
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
