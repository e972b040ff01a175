// What EppForce.h promises to C++. Argument: a plugin whose configurations fail beyond 100 nm.
#include <cmath>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "EppForce.h"
#include "OpenMM.h"

using freeland::EppForce;

// Nothing of what a Force is made of is compiled into a program: it can never be laid out differently.
static_assert(sizeof(EppForce) == sizeof(OpenMM::Force) + sizeof(void*), "one pointer");

static int failures;

static void check(bool good, const char* what) {
    if (!good) {
        std::fprintf(stderr, "%s\n", what);
        failures++;
    }
}

template <class Call>
static std::string thrown(Call call) {
    try {
        call();
    } catch (const OpenMM::OpenMMException& exception) {
        return exception.what();
    }
    return "";
}

struct Message {
    uint32_t level;
    std::string source, text;
};

static void keep(void* context, uint32_t level, const char* source, const char* text) {
    static_cast<std::vector<Message>*>(context)->push_back({level, source, text});
}

static bool said(const std::vector<Message>& messages, uint32_t level, const char* source, const char* words) {
    for (const Message& message : messages)
        if (message.level == level && message.source == source && message.text.find(words) != std::string::npos)
            return true;
    return false;
}

static double energy(const OpenMM::System& system, double distance) {
    OpenMM::VerletIntegrator integrator(0.001);
    OpenMM::Context context(system, integrator, OpenMM::Platform::getPlatformByName("Reference"));
    context.setPositions({OpenMM::Vec3(), OpenMM::Vec3(distance, 0, 0)});
    return context.getState(OpenMM::State::Energy).getPotentialEnergy();
}

int main(int, char** arguments) {
    std::vector<Message> messages;
    epp_force_set_log(keep, &messages);
    auto* force = new EppForce(arguments[1]);
    check(force->getPlugin() == arguments[1] && force->getConfig() == "{}" && force->getName() == "EppForce", "defaults");
    check(force->getFailure() == EppForce::Throws && force->getIsolation() == EppForce::InProcess, "defaults of choices");
    check(force->getParticles().empty() && force->getDefaultParameters().empty() && !force->getTrustWritable(), "empty");
    force->setSearchPath("/a:/b");
    force->setParticles({0, 1});
    force->setDefaultParameter("stiffness", 100.0);
    force->setTimeLimit(500);
    force->setMemory(1 << 20);
    force->setFolder("/tmp");
    force->setThreads(3);
    force->setConfinementRequired(true);
    force->setWritable("/tmp");
    force->setTrustWritable(true);
    check(force->getSearchPath() == "/a:/b" && force->getParticles() == std::vector<int>({0, 1}), "texts and particles");
    check(force->getDefaultParameters().at("stiffness") == 100.0 && force->getTimeLimit() == 500, "numbers");
    check(force->getFolder() == "/tmp" && force->getThreads() == 3 && force->getConfinementRequired(), "the rest");
    check(force->getMemory() == 1 << 20 && force->getWritable() == "/tmp" && force->getTrustWritable(), "the worker");
    check(!thrown([&] { force->setFailure(static_cast<EppForce::Failure>(7)); }).empty(), "a choice that is none");
    check(!thrown([&] { force->setSha256("00"), force->setMemory(-1); }).empty(), "a negative memory");
    force->setSha256("");

    OpenMM::System system;
    system.addParticle(1.0);
    system.addParticle(1.0);
    system.addForce(force);
    check(std::abs(energy(system, 0.3) - 2.0) < 1e-12, "its energy");
    check(said(messages, 2, "libpair.so", "a spring on 3 threads"), "a warning of the plugin, and the threads");
    check(said(messages, 3, "libpair.so", "the spring is gone"), "what it says at its end");
    check(thrown([&] { energy(system, 200.0); }).find("outside the domain") != std::string::npos, "it throws");
    force->setFailure(EppForce::AnswersNaN);
    check(std::isnan(energy(system, 200.0)), "NaN");

    // A copy is another Force.
    auto* copy = new EppForce(*force);
    copy->setFailure(EppForce::AnswersInfinity);
    check(force->getFailure() == EppForce::AnswersNaN && copy->getParticles() == force->getParticles(), "a copy");
    OpenMM::System other;
    other.addParticle(1.0);
    other.addParticle(1.0);
    other.addForce(copy);
    check(std::isinf(energy(other, 200.0)), "the copy's answer");

    std::unique_ptr<OpenMM::System> again(OpenMM::XmlSerializer::clone(system));
    const auto& read = dynamic_cast<const EppForce&>(again->getForce(0));
    check(read.getFailure() == EppForce::AnswersNaN && read.getTimeLimit() == 500, "read again");
    check(read.getFolder() == "/tmp" && read.getThreads() == 3 && read.getConfinementRequired(), "the rest, read again");
    check(!read.getTrustWritable() && read.getWritable().empty(), "a document grants nothing");

    // What was written by somebody who wanted more is told of.
    std::ostringstream text;
    OpenMM::XmlSerializer::serialize(&system, "System", text);
    std::string granting = text.str();
    granting.insert(granting.find("failure="), "trustWritable=\"1\" ");
    std::istringstream stream(granting);
    again.reset(OpenMM::XmlSerializer::deserialize<OpenMM::System>(stream));
    check(!dynamic_cast<const EppForce&>(again->getForce(0)).getTrustWritable(), "nor one that says it does");
    check(said(messages, 2, "libepp_openmm", "has 'trustWritable', which is ignored"), "and is told of");
    epp_force_set_log(nullptr, nullptr);
    return failures != 0;
}
