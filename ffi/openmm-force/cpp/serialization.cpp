// EppForce as XML. Text is stored as integers: SerializationNode::getStringProperty returns a reference in OpenMM up to
// 8.5 and a value from 8.6 on, under one mangled name, so that a library that calls it works on one side only. The same
// holds for getChildren, whose elements changed their size. README.md describes the format.
#include "serialization.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "EppForce.h"
#include "force_data.h"
#include "openmm/OpenMMException.h"
#include "openmm/serialization/SerializationNode.h"
#include "openmm/serialization/SerializationProxy.h"
#include "seam.h"
#include "xml_element.h"

using OpenMM::OpenMMException;
using OpenMM::SerializationNode;

namespace freeland {

namespace {

constexpr int VERSION = 1;
/// Words in one child node. A node is searched from its start for every word, so that it must not become long.
constexpr int64_t BLOCK = 64;
constexpr int64_t WORD = 8;
/// More is garbage: a length is believed before the words are read.
constexpr int64_t ABSURD = int64_t(1) << 30;

std::string block(const char* list, int64_t index) {
    return list + std::to_string(index);
}

std::string word(int64_t index) {
    return "w" + std::to_string(index);
}

/// Writes `count` numbers as the nodes list0, list1, ...
template <class Node, class Set>
void writeList(Node& node, const char* list, int64_t count, Set set) {
    for (int64_t from = 0; from < count; from += BLOCK) {
        Node& child = node.createChildNode(block(list, from / BLOCK));
        for (int64_t index = from; index < std::min(count, from + BLOCK); index++)
            set(child, word(index - from), index);
    }
}

template <class Get>
void readList(const SerializationNode& node, const char* list, int64_t count, Get get) {
    if (count < 0 || count > ABSURD)
        throw OpenMMException(std::string("EppForce in XML: the length of '") + list + "' is " + std::to_string(count));
    for (int64_t from = 0; from < count; from += BLOCK) {
        const SerializationNode& child = node.getChildNode(block(list, from / BLOCK));
        for (int64_t index = from; index < std::min(count, from + BLOCK); index++)
            get(child, word(index - from), index);
    }
}

template <class Node>
void writeText(Node& node, const char* name, const std::string& text) {
    const int64_t bytes = static_cast<int64_t>(text.size());
    node.setLongProperty(std::string(name) + "Bytes", bytes);
    writeList(node, name, (bytes + WORD - 1) / WORD, [&](Node& child, const std::string& word, int64_t index) {
        uint64_t value = 0;
        for (int64_t k = 0; k < WORD && index * WORD + k < bytes; k++)
            value |= uint64_t(static_cast<unsigned char>(text[index * WORD + k])) << (8 * k);
        child.setLongProperty(word, static_cast<long long>(value));
    });
}

std::string readText(const SerializationNode& node, const char* name, const char* absent) {
    const std::string length = std::string(name) + "Bytes";
    if (!node.hasProperty(length))
        return absent;
    const int64_t bytes = node.getLongProperty(length);
    if (bytes < 0 || bytes > ABSURD)
        throw OpenMMException("EppForce in XML: " + length + " is " + std::to_string(bytes));
    std::string text;
    readList(node, name, (bytes + WORD - 1) / WORD,
             [&](const SerializationNode& child, const std::string& word, int64_t index) {
                 const uint64_t value = static_cast<uint64_t>(child.getLongProperty(word));
                 for (int64_t k = 0; k < WORD && index * WORD + k < bytes; k++)
                     text.push_back(static_cast<char>(value >> (8 * k) & 0xff));
             });
    return text;
}

/// Texts and numbers that are kept. What gives the plugin more rights than it has is not: a document cannot grant it.
const char* const TEXTS[] = {"plugin", "config", "searchPath", "sha256", "folder"};
const char* const NUMBERS[] = {"periodic", "failure", "threads", "isolation", "timeLimit", "memory", "confinement"};
/// Attributes that are not believed.
const char* const GRANTS[] = {"trustWritable", "writableBytes"};

void warnOfGrants(const SerializationNode& node) {
    for (const char* grant : GRANTS)
        if (node.hasProperty(grant))
            freeland_openmm_warn(("EppForce in XML has '" + std::string(grant) +
                                  "', which is ignored: a document cannot grant it. Where this file is trusted, say so in the "
                                  "program (setTrustWritable, epp_force_data_set_integer) or by FREELAND_TRUST_WRITABLE=1")
                                     .c_str());
}

/// Writes all of a Force, except its type. `Node`: OpenMM's, or one of ours.
template <class Node>
void write(const EppForce& force, Node& node) {
    const epp_force_data& data = *force.getData();
    node.setIntProperty("version", VERSION);
    node.setIntProperty("forceGroup", force.getForceGroup());
    for (const char* name : NUMBERS)
        node.setLongProperty(name, data.integer(name));
    writeText(node, "name", force.getName());
    for (const char* name : TEXTS)
        writeText(node, name, data.text(name));

    node.setLongProperty("particles", static_cast<long long>(data.particles.size()));
    writeList(node, "particles", data.particles.size(), [&](Node& child, const std::string& word, int64_t index) {
        child.setIntProperty(word, data.particles[index]);
    });

    std::string names;
    std::vector<double> values;
    for (const auto& parameter : data.parameters) {
        names += parameter.first + "\n";
        values.push_back(parameter.second);
    }
    node.setLongProperty("parameters", static_cast<long long>(values.size()));
    writeText(node, "parameterNames", names);
    writeList(node, "parameters", values.size(), [&](Node& child, const std::string& word, int64_t index) {
        child.setDoubleProperty(word, values[index]);
    });
}

class EppForceProxy : public OpenMM::SerializationProxy {
public:
    EppForceProxy() : SerializationProxy("EppForce") {}

    void serialize(const void* object, SerializationNode& node) const override {
        write(dynamic_cast<const EppForce&>(*static_cast<const OpenMM::Force*>(object)), node);
    }

    void* deserialize(const SerializationNode& node) const override {
        const int version = node.getIntProperty("version");
        if (version != VERSION)
            throw OpenMMException("EppForce in XML has version " + std::to_string(version) + ", this library reads " +
                                  std::to_string(VERSION) + "; use the libepp_openmm that wrote it, or a newer one");
        auto force = std::make_unique<EppForce>("");
        epp_force_data& data = *force->getData();
        for (const char* name : TEXTS)
            data.setText(name, readText(node, name, data.text(name).c_str()));
        if (data.plugin.empty())
            throw OpenMMException("EppForce in XML names no plugin");
        for (const char* name : NUMBERS)
            if (node.hasProperty(name))
                data.setInteger(name, node.getLongProperty(name));
        warnOfGrants(node);
        force->setName(readText(node, "name", "EppForce"));
        force->setForceGroup(node.getIntProperty("forceGroup", 0));
        if (node.hasProperty("particles"))
            readList(node, "particles", node.getLongProperty("particles"),
                     [&](const SerializationNode& child, const std::string& word, int64_t) {
                         data.particles.push_back(child.getIntProperty(word));
                     });
        if (node.hasProperty("parameters")) {
            const std::string names = readText(node, "parameterNames", "");
            size_t start = 0;
            readList(node, "parameters", node.getLongProperty("parameters"),
                     [&](const SerializationNode& child, const std::string& word, int64_t) {
                         const size_t end = names.find('\n', start);
                         if (end == std::string::npos)
                             throw OpenMMException("EppForce in XML has more parameters than parameterNames");
                         data.setParameter(names.substr(start, end - start), child.getDoubleProperty(word));
                         start = end + 1;
                     });
        }
        return static_cast<OpenMM::Force*>(force.release());
    }
};

} // namespace

std::string xml(const EppForce& force) {
    XmlElement element("Force");
    element.setStringProperty("type", "EppForce");
    write(force, element);
    return element.text();
}

void registerProxy() {
    // For the life of the process: OpenMM keeps the pointer.
    OpenMM::SerializationProxy::registerProxy(typeid(EppForce), new EppForceProxy());
}

} // namespace freeland
