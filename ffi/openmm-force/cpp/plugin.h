// An open plugin, for C++.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "force_data.h"
#include "seam.h"

namespace freeland {

/// A plugin that is open. Throws OpenMMException where it cannot be opened.
class Plugin {
public:
    explicit Plugin(const epp_force_data& data);

    freeland_facts facts;
    std::vector<std::pair<std::string, double>> parameters() const;
    /// Energy and gradient of one configuration; or, where it has none, why. Throws OpenMMException where the call itself
    /// fails.
    std::string evaluate(const double* positions, const double* box, const double* parameters, double& energy,
                         double* gradient) const;

private:
    struct Close {
        void operator()(freeland_instance* instance) const { freeland_openmm_close(instance); }
    };
    std::unique_ptr<freeland_instance, Close> instance;
};

/// How messages about a Force begin.
std::string prefix(const std::string& plugin);

} // namespace freeland
