// EppForce as XML.
#pragma once

#include <string>

namespace freeland {

class EppForce;

/// The Force as XmlSerializer reads it.
std::string xml(const EppForce& force);

/// Tells OpenMM how an EppForce is written and read.
void registerProxy();

} // namespace freeland
