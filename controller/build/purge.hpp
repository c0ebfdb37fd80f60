// SPDX-License-Identifier: Apache-2.0
// One more layer on an image: the same without some of its files. Its configuration (user,
// entrypoint, environment, labels…) stays.
#pragma once

#include <string>

#include "controller/build/build.hpp"

namespace trueup::build {

struct PurgeInputs {
    std::string image_id;
    std::string reference;    // names that image now, and the new one afterwards
    std::string platform;     // "" = the engine's
    std::string program;      // the Python in the image that is to do it; "" = its rm
    model::Strings files;     // absolute paths, at least one
};

// The Dockerfile that does it, as user 0 and back as `user`. Pure.
std::string purge_dockerfile(const PurgeInputs& inputs, const std::string& user);

// The new image's id. The one before is removed where nothing uses it: nobody is to take it for
// what was built. Errc::invalid as of build_image, also where the image has ONBUILD instructions.
Task<std::string> purge_image(engine::Engine& engine, PurgeInputs inputs,
                              engine::Progress progress);

}    // namespace trueup::build
