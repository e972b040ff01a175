// EppForce as XML.
#pragma once

namespace freeland {

/// Tells OpenMM how an EppForce is written and read.
void registerProxy();

} // namespace freeland
