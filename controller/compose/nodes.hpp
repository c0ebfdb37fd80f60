// SPDX-License-Identifier: Apache-2.0
// Makes and changes nodes. New ones stand at the place of another one, so that what is wrong with them
// is told where a person wrote it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "controller/base/yaml.hpp"

namespace trueup::compose {

yaml::Node make(yaml::Kind kind, const yaml::Node& like);
// A string: what it stands for was one, whatever it looks like.
yaml::Node scalar(std::string text, const yaml::Node& like);
// A number or a boolean.
yaml::Node plain(std::string text, const yaml::Node& like);

void add(yaml::Node& mapping, std::string key, yaml::Node value);
// Adds it, or takes the place of the value that is there.
void set(yaml::Node& mapping, std::string_view key, yaml::Node value);
void erase(yaml::Node& mapping, std::string_view key);
// The text of a scalar member; `absent` otherwise.
std::string member_text(const yaml::Node& mapping, std::string_view key,
                        std::string_view absent = {});

// Each member of a mapping, with its name; nothing happens for any other node, or for none.
void for_each(const yaml::Node* mapping,
              const std::function<void(const std::string&, const yaml::Node&)>& visit);
void for_each(yaml::Node* mapping,
              const std::function<void(const std::string&, yaml::Node&)>& visit);

// Errc::invalid with one problem at the place of `node`.
Error problem_error(const yaml::Node& node, std::string message, std::string advice);

}    // namespace trueup::compose
