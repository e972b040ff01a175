// What happens when OpenMM loads the library.
#include <dlfcn.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <string>

#include "openmm/Platform.h"
#include "openmm/serialization/SerializationProxy.h"
#include "own_folder.h"
#include "seam.h"
#include "serialization.h"

namespace {

/// The versions of OpenMM that this library is tested with.
const char* const TESTED[] = {"8.4", "8.5", "8.6"};

/// Whether `version` ("8.6.1") is one of a tested series.
bool isTested(const std::string& version) {
    return std::any_of(std::begin(TESTED), std::end(TESTED), [&](const std::string& series) {
        return version == series || version.compare(0, series.size() + 1, series + ".") == 0;
    });
}

void warnIfUntested() {
    const std::string version = OpenMM::Platform::getOpenMMVersion();
    if (isTested(version))
        return;
    const std::string warning =
        "OpenMM " + version +
        " is not among the versions this library is tested with (8.4.0, 8.5.2, 8.6.1). It may work: compare the energy and "
        "the forces of one configuration with what the plugin gives without OpenMM (freeland evaluate), or install a tested "
        "version (pip install openmm==8.6.1).";
    freeland_openmm_warn(warning.c_str());
}

} // namespace

namespace freeland {

const std::string& ownFolder() {
    static const std::string folder = [] {
        Dl_info info;
        if (dladdr(reinterpret_cast<const void*>(&freeland_shim_register), &info) == 0 || info.dli_fname == nullptr)
            return std::string();
        const std::string path = info.dli_fname;
        const size_t slash = path.rfind('/');
        return slash == std::string::npos ? std::string() : path.substr(0, slash);
    }();
    return folder;
}

} // namespace freeland

extern "C" void freeland_shim_register() {
    static std::once_flag once;
    try {
        std::call_once(once, [] {
            freeland::registerProxy();
            warnIfUntested();
        });
    } catch (const std::exception& exception) {
        freeland_openmm_warn((std::string("OpenMM does not take the Force: ") + exception.what()).c_str());
    } catch (...) {
        freeland_openmm_warn("OpenMM does not take the Force");
    }
}
