// The energy of an EppForce in one Context.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "EppForce.h"
#include "openmm/internal/CustomCPPForceImpl.h"
#include "seam.h"

namespace freeland {

/// A plugin that is open. Throws OpenMMException where it cannot be opened.
class Plugin {
public:
    explicit Plugin(const EppForce& force);

    freeland_facts facts;
    std::vector<std::pair<std::string, double>> parameters() const;
    double evaluate(const double* positions, const double* box, const double* parameters, double* gradient) const;

private:
    struct Close {
        void operator()(freeland_instance* instance) const { freeland_openmm_close(instance); }
    };
    std::unique_ptr<freeland_instance, Close> instance;
};

class EppForceImpl : public OpenMM::CustomCPPForceImpl {
public:
    explicit EppForceImpl(const EppForce& force);

    const OpenMM::Force& getOwner() const override { return owner; }
    void initialize(OpenMM::ContextImpl& context) override;
    double computeForce(OpenMM::ContextImpl& context, const std::vector<OpenMM::Vec3>& positions,
                        std::vector<OpenMM::Vec3>& forces) override;
    std::map<std::string, double> getDefaultParameters() override;
    std::vector<std::pair<int, int>> getBondedParticles() const override;

private:
    /// What is not right, with the plugin's name before it.
    [[noreturn]] void refuse(const std::string& problem) const;
    double evaluate(OpenMM::ContextImpl& context, const double* positions, double* gradient);

    const EppForce& owner;
    Plugin plugin;
    std::vector<int> particles;
    std::vector<std::pair<std::string, double>> parameters;
    std::vector<double> parameterValues, positionBuffer, gradientBuffer;
    bool everyParticle = false;
};

} // namespace freeland
