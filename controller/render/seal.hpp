// SPDX-License-Identifier: Apache-2.0
// The seal: a label on whatever trueup creates, that only who has the key can write. Labels come with
// an image (`docker commit`, LABEL in a Dockerfile) and can be given to any container, so that they
// alone prove nothing. A seal covers what the thing is and what it was made from, and the name that a
// container was made for: a copy of all labels cannot have that. During a rollout the container has it
// with a suffix. With an empty key there are no seals ("").
#pragma once

#include <string>

#include "controller/render/render.hpp"

namespace trueup::render {

struct SealedContainer {
    std::string project;
    std::string service;
    int number = 0;
    std::string image_id;
    std::string config_hash;
    std::string revision;
    std::string
        name;    // of the place, without suffix; "" = as it was sealed before there were names
};

struct SealedResource {
    std::string_view kind;    // "network", "volume"
    std::string project;
    std::string key;
    std::string name;
    std::string config_hash;
};

std::string seal(const StackIdentity& identity, const SealedContainer& container);
std::string seal(const StackIdentity& identity, const SealedResource& resource);

}    // namespace trueup::render
