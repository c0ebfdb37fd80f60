// SPDX-License-Identifier: Apache-2.0
// Reads typed values out of a node tree; what is of the wrong type becomes a problem with its place,
// and reading goes on, so that a person sees all of them at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/yaml.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

// A scalar as the text that lands in an environment: plain `true`, `0x10`, `0755`, `1.50` and `1e3`
// are YAML numbers and booleans and become "true", "16", "493", "1.5" and "1000"; quoted text stays.
std::string scalar_text(const yaml::Node& node);

// What a plain scalar is to YAML; quoted text is a string whatever it looks like.
enum class ScalarType : std::uint8_t { string, boolean, number };
ScalarType type_of(const yaml::Node& node);

class Reader {
public:
    explicit Reader(Problems& problems) : problems_(problems) {}

    void problem(const yaml::Node& node, std::string message, std::string advice = {});
    void expected(const yaml::Node& node, std::string_view what);

    // The member `key` of `mapping`; nullptr when absent or null.
    static const yaml::Node* member(const yaml::Node& mapping, std::string_view key);

    std::string text(const yaml::Node& node);              // a string: numbers must be quoted
    std::string text_or_number(const yaml::Node& node);    // as written
    std::optional<bool> boolean(const yaml::Node& node);
    std::optional<std::int64_t> integer(const yaml::Node& node, std::int64_t lowest,
                                        std::int64_t highest);
    std::optional<model::Duration> duration(const yaml::Node& node);
    model::Strings strings(const yaml::Node& node);    // a list of strings
    model::Strings strings_or_numbers(const yaml::Node& node);
    model::StringMap string_map(const yaml::Node& node);    // null values become ""

    // The same for a member; absent leaves `target` alone.
    void text(const yaml::Node& mapping, std::string_view key, std::string& target);
    void boolean(const yaml::Node& mapping, std::string_view key, bool& target);

private:
    Problems& problems_;
};

}    // namespace trueup::compose
