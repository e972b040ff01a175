#include "force_impl.h"

#include <cmath>
#include <set>
#include <sstream>
#include <type_traits>

#include "openmm/OpenMMException.h"
#include "openmm/System.h"
#include "openmm/internal/ContextImpl.h"
#include "own_folder.h"

using OpenMM::ContextImpl;
using OpenMM::OpenMMException;
using OpenMM::Vec3;

namespace freeland {

namespace {

constexpr uint64_t MESSAGE = 8192;

freeland_text text(const std::string& value) {
    return {value.data(), value.size()};
}

std::string prefix(const EppForce& force) {
    return "EppForce over '" + force.getPlugin() + "': ";
}

} // namespace

Plugin::Plugin(const EppForce& force) {
    char message[MESSAGE];
    const freeland_settings settings = {text(force.getPlugin()), text(force.getConfig()), text(force.getSearchPath()),
                                        text(force.getSha256()), text(ownFolder()),       force.getIsolation() == EppForce::Worker,
                                        force.getTrustWritable()};
    instance.reset(freeland_openmm_open(&settings, &facts, {message, sizeof message}));
    if (instance == nullptr)
        throw OpenMMException(prefix(force) + message);
}

std::vector<std::pair<std::string, double>> Plugin::parameters() const {
    std::vector<std::pair<std::string, double>> all;
    for (uint64_t index = 0; index < facts.parameters; index++) {
        double value = 0.0;
        const char* name = freeland_openmm_parameter(instance.get(), index, &value);
        all.emplace_back(name, value);
    }
    return all;
}

double Plugin::evaluate(const double* positions, const double* box, const double* parameters, double* gradient) const {
    char message[MESSAGE];
    double energy = 0.0;
    if (freeland_openmm_evaluate(instance.get(), positions, box, parameters, &energy, gradient,
                                 {message, sizeof message}) != 0)
        throw OpenMMException(message);
    return energy;
}

EppForceImpl::EppForceImpl(const EppForce& force)
    : CustomCPPForceImpl(force), owner(force), plugin(force), particles(force.getParticles()),
      parameters(plugin.parameters()) {
    const bool periodic = plugin.facts.periodic != 0;
    if (force.getPeriodicity() == EppForce::IsPeriodic && !periodic)
        refuse("periodic boundary conditions are asked for, but the plugin is not periodic; say NotPeriodic or take a "
               "plugin that is");
    if (force.getPeriodicity() == EppForce::NotPeriodic && periodic)
        refuse("no periodic boundary conditions are asked for, but the plugin is periodic; say IsPeriodic or take a "
               "plugin that is not");
    for (const auto& given : force.getDefaultParameters()) {
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
    throw OpenMMException(prefix(owner) + problem);
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
    try {
        return plugin.evaluate(positions, plugin.facts.periodic != 0 ? box : nullptr,
                               parameters.empty() ? nullptr : parameterValues.data(), gradient);
    } catch (const OpenMMException& exception) {
        std::ostringstream problem;
        problem << exception.what();
        const uint32_t dimensions = plugin.facts.dimensions;
        for (size_t index = 0; index < particles.size() * dimensions; index++)
            if (!std::isfinite(positions[index])) {
                problem << "; particle " << particles[index / dimensions] << " of the System has the coordinate "
                        << positions[index];
                break;
            }
        refuse(problem.str());
    }
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
