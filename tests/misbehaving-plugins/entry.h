/* The rest of plugin.h: what names the hooks, and so comes after them. */
UNUSED static epp_potential plugin_potential = {
    .struct_size = sizeof(epp_potential),
    .self = NULL,
    .info = INFO,
    .evaluate = EVALUATE,
    .extension = EXTENSION,
    .destroy = DESTROY,
};

UNUSED static int32_t plugin_create(const char *id, const char *config_json, const epp_topology *topology,
                                    epp_potential **out, epp_error *error) {
  (void)topology;
  if (strcmp(id, ID) != 0) {
    say(error, "no such id");
    return EPP_E_UNKNOWN_ID;
  }
  if (config_json && !is_empty_object(config_json)) {
    say(error, "expected {}; there is no such key as no-such-key, nor any other");
    return EPP_E_BAD_CONFIG;
  }
  *out = &plugin_potential;
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
    .init = INIT,
    .deinit = DEINIT,
    .count = plugin_count,
    .descriptor = DESCRIPTOR,
    .create = CREATE,
    .extension = LIBRARY_EXTENSION,
};
