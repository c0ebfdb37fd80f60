// SPDX-License-Identifier: Apache-2.0
// The load steps by themselves: interpolation, variable files, merging, short forms, the schema.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>

#include "controller/compose/dotenv.hpp"
#include "controller/compose/interpolate.hpp"
#include "controller/compose/merge.hpp"
#include "controller/compose/scalars.hpp"
#include "controller/compose/short_forms.hpp"
#include "controller/compose/validate.hpp"
#include "tests/conformance/cases.hpp"
#include "tests/conformance/differences.hpp"
#include "tests/conformance/tally.hpp"

namespace trueup::conformance {
namespace {

namespace json = boost::json;

using Found = std::vector<std::string>;

std::string shown(const Case& test) {
    return json::serialize(test.inputs) + "\nwanted " + json::serialize(test.expected);
}

compose::Lookup look_in(const model::StringMap& first, const model::StringMap& second) {
    return [&first, &second](const std::string& name) -> std::optional<std::string> {
        const auto found = first.find(name);
        if (found != first.end()) return found->second;
        const auto earlier = second.find(name);
        return earlier == second.end() ? std::nullopt : std::optional(earlier->second);
    };
}

TEST_F(ComposeCases, Interpolation) {
    Tally tally("interpolation");
    for (const Case& test : read("interpolation")) {
        const model::StringMap variables = string_map(test.inputs, "env");
        const model::StringMap none;
        const auto result =
            compose::substitute(text_of(test.inputs.at("template")), look_in(variables, none));
        Found found;
        if (!result != test.must_fail())
            found.emplace_back(test.must_fail() ? "it must be refused" : "it is refused");
        else if (result)
            found = differences(json::string(result->text), test.expected.at("result"));
        tally.count(test.name, found, shown(test));
    }
}

TEST_F(ComposeCases, VariableFiles) {
    Tally tally("dotenv");
    for (const Case& test : read("dotenv")) {
        const model::StringMap variables = string_map(test.inputs, "env");
        model::StringMap values = string_map(test.inputs, "vars_from_earlier_files");
        const auto result = compose::parse_dotenv(text_of(test.inputs.at("content")), ".env",
                                                  look_in(variables, values));
        Found found;
        if (!result != test.must_fail()) {
            found.emplace_back(test.must_fail() ? "it must be refused" : "it is refused");
        } else if (result) {
            for (const auto& [key, value] : *result) values[key] = value;
            if (values != string_map(test.expected, "vars")) found.emplace_back("values differ");
        }
        tally.count(test.name, found, shown(test));
    }
}

yaml::Node node_of(const json::value& value) {
    yaml::Node node;
    node.kind = yaml::Kind::scalar;
    if (value.is_null()) {
        node.kind = yaml::Kind::null;
    } else if (value.is_object()) {
        node.kind = yaml::Kind::mapping;
        for (const auto& [key, member] : value.as_object()) {
            yaml::Entry entry;
            entry.key = std::string(key);
            entry.quoted = true;
            entry.value = node_of(member);
            node.entries.push_back(std::move(entry));
        }
    } else if (value.is_array()) {
        node.kind = yaml::Kind::sequence;
        for (const json::value& item : value.as_array()) node.items.push_back(node_of(item));
    } else if (value.is_string()) {
        node.quoted = true;
        node.text = text_of(value);
    } else {
        node.text = json::serialize(value);
    }
    return node;
}

json::value value_of(const yaml::Node& node) {
    if (node.is_null()) return nullptr;
    if (node.is_mapping()) {
        json::object object;
        for (const yaml::Entry& entry : node.entries) object[entry.key] = value_of(entry.value);
        return object;
    }
    if (node.is_sequence()) {
        json::array array;
        for (const yaml::Node& item : node.items) array.push_back(value_of(item));
        return array;
    }
    switch (compose::type_of(node)) {
        case compose::ScalarType::boolean: return compose::scalar_text(node) == "true";
        case compose::ScalarType::integer: return *compose::scalar_integer(node);
        case compose::ScalarType::real: return *compose::scalar_real(node);
        case compose::ScalarType::string: return json::string(node.text);
    }
    return nullptr;
}

TEST_F(ComposeCases, Merges) {
    Tally tally("merge");
    for (const Case& test : read("merge")) {
        Problems problems;
        yaml::Node merged =
            compose::merge(node_of(test.inputs.at("base")), node_of(test.inputs.at("override")),
                           compose::Object::file, problems);
        compose::enforce_unicity(merged, compose::Object::file);
        Found found = differences(value_of(merged), test.expected.at("merged"));
        if (!problems.empty()) found.emplace_back("it is refused");
        tally.count(test.name, found, shown(test));
    }
}

TEST_F(ComposeCases, Schema) {
    Tally tally("schema");
    for (const Case& test : read("schema")) {
        Problems problems;
        compose::validate(node_of(test.inputs.at("config")), true, problems);
        Found found;
        if (problems.empty() != test.expected.at("valid").as_bool())
            found.emplace_back(problems.empty() ? "it must be refused" : "it is refused");
        tally.count(test.name, found, shown(test));
    }
}

yaml::Node scalar(const std::string& text) {
    yaml::Node node = node_of(json::string(text));
    node.file = std::make_shared<const std::string>("compose.yaml");
    return node;
}

TEST_F(ComposeCases, ShortPorts) {
    Tally tally("port_short");
    for (const Case& test : read("port_short")) {
        const auto ports = compose::expand_port(scalar(text_of(test.inputs.at("short"))));
        Found found;
        if (!ports != test.must_fail()) {
            found.emplace_back(test.must_fail() ? "it must be refused" : "it is refused");
        } else if (ports) {
            json::array actual;
            for (const yaml::Node& port : *ports) actual.push_back(value_of(port));
            found = differences(actual, test.expected.at("result"));
        }
        tally.count(test.name, found, shown(test));
    }
}

TEST_F(ComposeCases, ShortVolumes) {
    Tally tally("volume_short");
    for (const Case& test : read("volume_short")) {
        const auto volume = compose::expand_volume(scalar(text_of(test.inputs.at("short"))));
        Found found;
        if (!volume != test.must_fail())
            found.emplace_back(test.must_fail() ? "it must be refused" : "it is refused");
        else if (volume)
            found = differences(value_of(*volume), test.expected.at("result"));
        tally.count(test.name, found, shown(test));
    }
}

}    // namespace
}    // namespace trueup::conformance
