// SPDX-License-Identifier: Apache-2.0
// Is a container that another tool created as good as the one trueup would create? Its inspect answer
// is compared with our request, after what an engine does to a request: the image's own configuration
// fills what the request leaves open, and defaults fill the rest.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "controller/render/render.hpp"

namespace trueup::render {

// What would be created: container_body() and further_networks().
struct WantedContainer {
    boost::json::object body;
    std::vector<NetworkAttachment> further;
    std::string name;
};

// In what the container differs, in words of a compose file: "environment DEBUG", "ports",
// "volume /data", sorted, each once; empty: in nothing. Names only: values may be secrets.
// `inspect` is the engine's ContainerInspect; `image` the Config of its ImageInspect.
// Not compared: the image, labels of trueup and compose, and what the request leaves to the engine's
// own configuration (log driver, runtime, masked paths).
std::vector<std::string> differences(const WantedContainer& wanted,
                                     const boost::json::object& inspect,
                                     const boost::json::object& image);

}    // namespace trueup::render
