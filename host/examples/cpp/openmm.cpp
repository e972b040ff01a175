// Alanine dipeptide in OpenMM, from C++: OpenMM's own forces against those of an energy plugin, then the plugin's energy
// under a bias of OpenMM's on one distance, and the System written to XML and read again.
//
//   c++ -std=c++17 -I $OPENMM_DIR/include -I ffi/openmm-force/include host/examples/cpp/openmm.cpp
//       -L target/release -lepp_openmm -L $OPENMM_DIR/lib -lOpenMM -o forces
//   LD_LIBRARY_PATH=target/release:$OPENMM_DIR/lib ./forces
//       target/release/libfreeland_molecular_mechanics.so plugins/molecule/data/alanine-dipeptide.obc1.xml
//       plugins/molecule/data/alanine-dipeptide.pdb
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "EppForce.h"
#include "OpenMM.h"

namespace {

/// The positions of a PDB file, nm.
std::vector<OpenMM::Vec3> positionsOf(const std::string& path) {
    std::vector<OpenMM::Vec3> positions;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (line.compare(0, 4, "ATOM") == 0 || line.compare(0, 6, "HETATM") == 0)
            positions.emplace_back(std::stod(line.substr(30, 8)) / 10.0, std::stod(line.substr(38, 8)) / 10.0,
                                   std::stod(line.substr(46, 8)) / 10.0);
    return positions;
}

OpenMM::State evaluate(OpenMM::System& system, const std::vector<OpenMM::Vec3>& positions) {
    OpenMM::VerletIntegrator integrator(0.001);
    OpenMM::Context context(system, integrator, OpenMM::Platform::getPlatformByName("Reference"));
    context.setPositions(positions);
    return context.getState(OpenMM::State::Energy | OpenMM::State::Forces);
}

int run(const std::string& plugin, const std::string& systemXml, const std::string& pdb) {
    std::ifstream file(systemXml);
    const std::unique_ptr<OpenMM::System> own(OpenMM::XmlSerializer::deserialize<OpenMM::System>(file));
    const std::vector<OpenMM::Vec3> positions = positionsOf(pdb);

    OpenMM::System system;
    for (int i = 0; i < own->getNumParticles(); i++)
        system.addParticle(own->getParticleMass(i));
    auto* force = new freeland::EppForce(plugin, R"({"implicit": "obc1"})");
    force->setForceGroup(1);
    system.addForce(force); // the System owns it now

    const OpenMM::State reference = evaluate(*own, positions), ours = evaluate(system, positions);
    double difference = 0.0;
    for (size_t i = 0; i < positions.size(); i++) {
        const OpenMM::Vec3 d = reference.getForces()[i] - ours.getForces()[i];
        difference = std::max(difference, std::sqrt(d.dot(d)));
    }
    std::printf("OpenMM's forces    %14.6f kJ/mol\n", reference.getPotentialEnergy());
    std::printf("the plugin's       %14.6f kJ/mol\n", ours.getPotentialEnergy());
    std::printf("largest difference of a force %.1e kJ/mol/nm\n", difference);

    // A bias beside it, and the whole System there and back.
    auto* bias = new OpenMM::CustomBondForce("50*(r-0.6)^2");
    bias->addBond(1, 18);
    system.addForce(bias);
    std::stringstream xml;
    OpenMM::XmlSerializer::serialize(&system, "System", xml);
    const std::unique_ptr<OpenMM::System> again(OpenMM::XmlSerializer::deserialize<OpenMM::System>(xml));
    const auto* found = dynamic_cast<const freeland::EppForce*>(&again->getForce(0));
    std::printf("read again: plugin '%s' in force group %d\n", found ? found->getPlugin().c_str() : "?",
                again->getForce(0).getForceGroup());
    std::printf("with a bias        %14.6f kJ/mol\n", evaluate(*again, positions).getPotentialEnergy());
    return found == nullptr;
}

} // namespace

int main(int count, char** arguments) {
    if (count != 4) {
        std::fprintf(stderr, "usage: forces PLUGIN SYSTEM.xml MOLECULE.pdb\n");
        return 2;
    }
    try {
        return run(arguments[1], arguments[2], arguments[3]);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "%s\n", exception.what());
        return 1;
    }
}
