// Where this library lies.
#pragma once

#include <string>

namespace freeland {

/// The folder of libepp_openmm.so; empty where the system does not tell.
const std::string& ownFolder();

} // namespace freeland
