#include "force_impl.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <sstream>
#include <type_traits>
#include <utility>

#include "openmm/OpenMMException.h"
#include "openmm/System.h"
#include "openmm/internal/ContextImpl.h"

using OpenMM::ContextImpl;
using OpenMM::OpenMMException;
using OpenMM::Vec3;

namespace freeland {

EppForceImpl::EppForceImpl(const OpenMM::Force& owner, const epp_force_data& data)
    : CustomCPPForceImpl(owner), owner(owner), name(data.plugin), onFailure(data.failure), plugin(data),
      particles(data.particles.begin(), data.particles.end()), parameters(plugin.parameters()) {
    const bool periodic = plugin.facts.periodic != 0;
    if (data.periodic == EPP_FORCE_PERIODIC && !periodic)
        refuse("periodic boundary conditions are asked for, but the plugin is not periodic; say NotPeriodic or take a "
               "plugin that is");
    if (data.periodic == EPP_FORCE_NOT_PERIODIC && periodic)
        refuse("no periodic boundary conditions are asked for, but the plugin is periodic; say IsPeriodic or take a "
               "plugin that is not");
    for (const auto& given : data.parameters) {
        bool known = false;
        for (auto& parameter : parameters)
            if (parameter.first == given.first) {
                parameter.second = given.second;
                known = true;
            }
        if (!known) {
            std::string names;
            for (const auto& parameter : parameters)
                names += (names.empty() ? "'" : ", '") + parameter.first + "'";
            refuse("a default value is given for the parameter '" + given.first + "', but its parameters are " +
                   (names.empty() ? "none" : names));
        }
    }
}

void EppForceImpl::refuse(const std::string& problem) const {
    throw OpenMMException(prefix(name) + problem);
}

void EppForceImpl::initialize(ContextImpl& context) {
    const int inSystem = context.getSystem().getNumParticles();
    const uint64_t atoms = plugin.facts.atoms;
    if (particles.empty() && static_cast<uint64_t>(inSystem) != atoms)
        refuse("the plugin has " + std::to_string(atoms) + " atoms and the System " + std::to_string(inSystem) +
               " particles; say by setParticles which of them they are");
    if (!particles.empty() && particles.size() != atoms)
        refuse("the plugin has " + std::to_string(atoms) + " atoms, and " + std::to_string(particles.size()) +
               " particles are given for them");
    std::set<int> seen;
    for (int particle : particles) {
        if (particle < 0 || particle >= inSystem)
            refuse("particle " + std::to_string(particle) + " is given, but the System has particles 0 to " +
                   std::to_string(inSystem - 1));
        if (!seen.insert(particle).second)
            refuse("particle " + std::to_string(particle) + " is given twice");
    }
    everyParticle = particles.empty() && plugin.facts.dimensions == 3;
    if (particles.empty())
        for (int particle = 0; particle < inSystem; particle++)
            particles.push_back(particle);
    if (!everyParticle) {
        positionBuffer.resize(atoms * plugin.facts.dimensions);
        gradientBuffer.resize(positionBuffer.size());
    }
    parameterValues.resize(parameters.size());
    CustomCPPForceImpl::initialize(context);
}

double EppForceImpl::evaluate(ContextImpl& context, const double* positions, double* gradient) {
    double box[9];
    if (plugin.facts.periodic != 0) {
        Vec3 a, b, c;
        context.getPeriodicBoxVectors(a, b, c);
        for (int k = 0; k < 3; k++) {
            box[k] = a[k];
            box[3 + k] = b[k];
            box[6 + k] = c[k];
        }
    }
    if (!parameters.empty()) {
        const std::map<std::string, double>& values = context.getParameters();
        for (size_t index = 0; index < parameters.size(); index++) {
            const auto found = values.find(parameters[index].first);
            parameterValues[index] = found == values.end() ? parameters[index].second : found->second;
        }
    }
    double energy = 0.0;
    try {
        std::string problem = plugin.evaluate(positions, plugin.facts.periodic != 0 ? box : nullptr,
                                              parameters.empty() ? nullptr : parameterValues.data(), energy, gradient);
        return problem.empty() ? energy : failed(std::move(problem), positions, gradient);
    } catch (const OpenMMException& exception) {
        refuse(exception.what());
    }
}

double EppForceImpl::failed(std::string problem, const double* positions, double* gradient) const {
    const size_t count = particles.size() * plugin.facts.dimensions;
    if (onFailure != EPP_FORCE_THROWS) {
        std::fill_n(gradient, count, std::numeric_limits<double>::quiet_NaN());
        return onFailure == EPP_FORCE_INFINITY ? std::numeric_limits<double>::infinity()
                                               : std::numeric_limits<double>::quiet_NaN();
    }
    for (size_t index = 0; index < count; index++)
        if (!std::isfinite(positions[index])) {
            std::ostringstream place;
            place << "; particle " << particles[index / plugin.facts.dimensions] << " of the System has the coordinate "
                  << positions[index];
            problem += place.str();
            break;
        }
    throw OpenMMException(problem);
}

double EppForceImpl::computeForce(ContextImpl& context, const std::vector<Vec3>& positions, std::vector<Vec3>& forces) {
    static_assert(sizeof(Vec3) == 3 * sizeof(double) && std::is_standard_layout<Vec3>::value,
                  "positions are handed over as they lie in OpenMM");
    try {
        if (everyParticle) {
            double* gradient = &forces[0][0];
            const double energy = evaluate(context, reinterpret_cast<const double*>(positions.data()), gradient);
            for (size_t index = 0; index < 3 * particles.size(); index++)
                gradient[index] = -gradient[index];
            return energy;
        }
        const uint32_t dimensions = plugin.facts.dimensions;
        for (size_t atom = 0; atom < particles.size(); atom++)
            for (uint32_t k = 0; k < dimensions; k++)
                positionBuffer[atom * dimensions + k] = positions[particles[atom]][k];
        const double energy = evaluate(context, positionBuffer.data(), gradientBuffer.data());
        // Whatever the forces were before: OpenMM adds all of them.
        for (Vec3& force : forces)
            force = Vec3();
        for (size_t atom = 0; atom < particles.size(); atom++)
            for (uint32_t k = 0; k < dimensions; k++)
                forces[particles[atom]][k] = -gradientBuffer[atom * dimensions + k];
        return energy;
    } catch (const OpenMMException&) {
        throw;
    } catch (const std::exception& exception) {
        // On a worker thread of OpenMM anything else would end the process.
        refuse(exception.what());
    } catch (...) {
        refuse("an exception of an unknown type");
    }
}

std::map<std::string, double> EppForceImpl::getDefaultParameters() {
    return std::map<std::string, double>(parameters.begin(), parameters.end());
}

std::vector<std::pair<int, int>> EppForceImpl::getBondedParticles() const {
    std::vector<std::pair<int, int>> bonds;
    for (uint64_t bond = 0; bond < plugin.facts.bonds; bond++) {
        const uint32_t* atoms = plugin.facts.bond_atoms + 2 * bond;
        bonds.emplace_back(particles.at(atoms[0]), particles.at(atoms[1]));
    }
    return bonds;
}

} // namespace freeland
