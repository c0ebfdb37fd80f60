// SPDX-License-Identifier: Apache-2.0
// Makes nodes that stand at the place of another one, for short forms.
#pragma once

#include <string>

#include "controller/base/yaml.hpp"

namespace trueup::compose {

yaml::Node make(yaml::Kind kind, const yaml::Node& like);
// A string: what it stands for was one, whatever it looks like.
yaml::Node scalar(std::string text, const yaml::Node& like);
void add(yaml::Node& mapping, std::string key, yaml::Node value);
// Errc::invalid with one problem at the place of `node`.
Error problem_error(const yaml::Node& node, std::string message, std::string advice);

}    // namespace trueup::compose
