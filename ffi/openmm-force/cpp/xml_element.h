// XML without OpenMM: the templates of OpenMM's XmlSerializer put a SerializationNode on the caller's stack, whose size
// changed between 8.5 and 8.6, so that a library that calls them works on one side only.
#pragma once

#include <iomanip>
#include <list>
#include <locale>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace freeland {

/// An element with the members of SerializationNode that writing needs. Names and texts must not need escapes.
class XmlElement {
public:
    explicit XmlElement(std::string name) : name(std::move(name)) {}

    XmlElement& createChildNode(const std::string& child) {
        children.emplace_back(child);
        return children.back();
    }
    void setStringProperty(const std::string& property, const std::string& value) {
        properties.emplace_back(property, value);
    }
    void setIntProperty(const std::string& property, int value) { setStringProperty(property, std::to_string(value)); }
    void setLongProperty(const std::string& property, long long value) {
        setStringProperty(property, std::to_string(value));
    }
    void setDoubleProperty(const std::string& property, double value) {
        std::ostringstream text;
        text.imbue(std::locale::classic()); // whatever locale the program has set
        text << std::setprecision(17) << value;
        setStringProperty(property, text.str());
    }

    std::string text() const {
        std::string all = "<" + name;
        for (const auto& property : properties)
            all += " " + property.first + "=\"" + property.second + "\"";
        if (children.empty())
            return all + "/>";
        all += ">";
        for (const XmlElement& child : children)
            all += child.text();
        return all + "</" + name + ">";
    }

private:
    std::string name;
    std::vector<std::pair<std::string, std::string>> properties;
    std::list<XmlElement> children;
};

} // namespace freeland
