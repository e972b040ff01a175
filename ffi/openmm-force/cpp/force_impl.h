// The energy of an EppForce in one Context.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "force_data.h"
#include "openmm/internal/CustomCPPForceImpl.h"
#include "plugin.h"

namespace freeland {

class EppForceImpl : public OpenMM::CustomCPPForceImpl {
public:
    /// `owner` is made of `data`, which is not needed any more afterwards.
    EppForceImpl(const OpenMM::Force& owner, const epp_force_data& data);

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
    /// The answer for a configuration that has no energy: written to `gradient`, and returned.
    double failed(std::string problem, const double* positions, double* gradient) const;

    const OpenMM::Force& owner;
    const std::string name;
    const int64_t onFailure;
    Plugin plugin;
    std::vector<int> particles;
    std::vector<std::pair<std::string, double>> parameters;
    std::vector<double> parameterValues, positionBuffer, gradientBuffer;
    bool everyParticle = false;
};

} // namespace freeland
