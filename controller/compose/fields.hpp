// SPDX-License-Identifier: Apache-2.0
// Reads typed values out of a canonical, validated mapping. What is absent, or was wrong and told
// before, leaves its target alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/yaml.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

class Fields {
public:
    explicit Fields(const yaml::Node& node) : node_(node) {}
    // The mapping `key` of this one; empty when there is none.
    Fields inside(std::string_view key) const;

    const yaml::Node* find(std::string_view key) const;    // nothing and null are the same

    void text(std::string_view key, std::string& target) const;
    void flag(std::string_view key, bool& target) const;
    void flag(std::string_view key, std::optional<bool>& target) const;
    template <class Integer>
    void integer(std::string_view key, Integer& target) const {
        if (const auto value = integer(key)) target = static_cast<Integer>(*value);
    }
    std::optional<std::int64_t> integer(std::string_view key) const;
    void real(std::string_view key, double& target) const;
    void bytes(std::string_view key, std::int64_t& target) const;
    void duration(std::string_view key, std::optional<model::Duration>& target) const;
    void strings(std::string_view key, model::Strings& target) const;
    void map(std::string_view key, model::StringMap& target) const;    // nothing becomes ""
    void environment(std::string_view key, model::Environment& target) const;

    template <class Visit>
    void items(std::string_view key, Visit visit) const {
        if (const yaml::Node* list = find(key)) {
            for (const yaml::Node& item : list->items) visit(item);
        }
    }
    template <class Visit>
    void members(std::string_view key, Visit visit) const {
        if (const yaml::Node* mapping = find(key)) {
            for (const yaml::Entry& entry : mapping->entries) visit(entry);
        }
    }

private:
    const yaml::Node& node_;
};

std::optional<std::int64_t> integer_of(const yaml::Node& node);
std::optional<double> real_of(const yaml::Node& node);
// Octal text, or a number of any base.
std::optional<std::uint32_t> mode_of(const yaml::Node& node);

}    // namespace trueup::compose
