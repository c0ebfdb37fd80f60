// SPDX-License-Identifier: Apache-2.0
// Runs the recorded cases: what only uses supported attributes must give the recorded model, what is
// refused by Compose must be refused, and what trueup does not support must be refused as such, at
// its place. A case is never counted as passed because it was left out: the counts are printed.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <algorithm>
#include <optional>
#include <string>

#include "controller/base/text.hpp"
#include "controller/compose/dotenv.hpp"
#include "controller/compose/interpolate.hpp"
#include "controller/compose/short_forms.hpp"
#include "tests/conformance/cases.hpp"
#include "tests/conformance/project_json.hpp"

namespace trueup::conformance {
namespace {

namespace json = boost::json;

class ComposeModels : public ComposeCases {
protected:
    void run_models(const std::string& file);
};

// Every problem says that something is not supported (or, for files of the host, not in the commit),
// and where.
bool is_honest_refusal(const Error& error) {
    const auto& problems = error.problems();
    return !problems.empty() &&
           std::all_of(problems.begin(), problems.end(), [](const Problem& it) {
               const bool said =
                   it.message.find("not supported") != std::string::npos ||
                   it.message.find("not in the commit") != std::string::npos ||
                   it.message.find("outside the commit") != std::string::npos ||
                   it.message.find("path of the host") != std::string::npos ||
                   // The engine would refuse it.
                   it.message.find("no absolute path in the") != std::string::npos ||
                   // An empty project would remove everything: trueup wants a service.
                   it.message.find("there is no service") != std::string::npos;
               return said && it.position.line > 0;
           });
}

// A name that the Stack gives has no place in a file.
bool has_places(const Error& error) {
    const Problems& problems = error.problems();
    return std::all_of(problems.begin(), problems.end(), [](const Problem& it) {
        return !it.position.file.empty() || it.message.find("project name") != std::string::npos;
    });
}

// Where trueup knowingly reads more than Compose: `1: x` is the key "1".
bool is_leniency(const Case& test) {
    const auto* text = test.expected.if_contains("error_text_upstream");
    return text != nullptr && text_of(*text).find("non-string key") != std::string::npos;
}

void ComposeModels::run_models(const std::string& file) {
    for (const Case& test : read(file)) {
        SCOPED_TRACE(test.name);
        const auto project = load_case(test);
        const bool not_found = !project && project.error().code() == Errc::not_found;
        if (is_leniency(test) || not_found || (project && tells_of_override(*project))) {
            ++unsupported_;
        } else if (test.must_fail()) {
            EXPECT_FALSE(project) << "must be refused: " << json::serialize(test.inputs) << "\n"
                                  << json::serialize(test.expected);
            if (project) continue;
            EXPECT_TRUE(has_places(project.error())) << project.error().message();
            ++refused_;
        } else if (project) {
            const json::value actual = normalised(to_json(*project, directory));
            const json::value wanted = normalised(test.expected.at("model"));
            EXPECT_TRUE(actual == wanted)
                << json::serialize(test.inputs) << "\nis     " << json::serialize(actual)
                << "\nwanted " << json::serialize(wanted);
            if (test.expected.contains("disabled_services")) {
                EXPECT_EQ(project->disabled_services, strings(test.expected, "disabled_services"));
            }
            ++equal_;
        } else {
            EXPECT_TRUE(is_honest_refusal(project.error())) << json::serialize(test.inputs) << "\n"
                                                            << project.error().message();
            ++unsupported_;
        }
    }
}

TEST_F(ComposeModels, OfTheUpstreamTests) { run_models("model"); }
TEST_F(ComposeModels, OfTheSpecificationsExamples) { run_models("spec_example"); }
TEST_F(ComposeModels, WrittenForTheAttributes) { run_models("authored"); }

TEST_F(ComposeCases, Interpolation) {
    for (const Case& test : read("interpolation")) {
        SCOPED_TRACE(test.name);
        const model::StringMap variables = string_map(test.inputs, "env");
        const compose::Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        };
        const auto result = compose::substitute(text_of(test.inputs.at("template")), lookup);
        EXPECT_EQ(!result, test.must_fail()) << json::serialize(test.inputs);
        if (result && !test.must_fail()) {
            EXPECT_EQ(result->text, text_of(test.expected.at("result")))
                << json::serialize(test.inputs);
        }
        ++(result ? equal_ : refused_);
    }
}

TEST_F(ComposeCases, VariableFiles) {
    for (const Case& test : read("dotenv")) {
        SCOPED_TRACE(test.name);
        const std::string content = text_of(test.inputs.at("content"));
        const model::StringMap variables = string_map(test.inputs, "env");
        model::StringMap values = string_map(test.inputs, "vars_from_earlier_files");
        const compose::Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            if (found != variables.end()) return found->second;
            const auto earlier = values.find(name);
            return earlier == values.end() ? std::nullopt : std::optional(earlier->second);
        };
        const auto result = compose::parse_dotenv(content, ".env", lookup);
        // Compose takes a line without a name; trueup refuses it.
        const bool nameless = content.starts_with('=');
        EXPECT_EQ(!result, test.must_fail() || nameless)
            << json::serialize(test.inputs) << json::serialize(test.expected)
            << (result ? "" : result.error().message());
        ++(result ? equal_ : nameless ? unsupported_ : refused_);
        if (!result || test.must_fail()) continue;
        for (const auto& [key, value] : *result) values[key] = value;
        EXPECT_EQ(values, string_map(test.expected, "vars")) << json::serialize(test.inputs);
    }
}

yaml::Node scalar(const std::string& text) {
    yaml::Node node;
    node.kind = yaml::Kind::scalar;
    node.text = text;
    node.file = std::make_shared<const std::string>("compose.yaml");
    node.line = 1;
    node.column = 1;
    return node;
}

json::object to_object(const yaml::Node& node) {
    json::object object;
    for (const yaml::Entry& entry : node.entries) object[entry.key] = entry.value.text;
    if (object.contains("read_only")) object["read_only"] = object["read_only"] == "true";
    const auto* target = node.find("target");
    const bool number =
        target != nullptr && target->text.find_first_not_of("0123456789") == std::string::npos;
    if (number) object["target"] = std::stoi(target->text);
    return object;
}

TEST_F(ComposeCases, ShortPorts) {
    for (const Case& test : read("port_short")) {
        SCOPED_TRACE(test.name);
        const auto ports = compose::expand_port(scalar(text_of(test.inputs.at("short"))));
        EXPECT_EQ(!ports, test.must_fail()) << json::serialize(test.inputs);
        if (!ports || test.must_fail()) {
            ++refused_;
            continue;
        }
        json::array actual;
        for (const yaml::Node& port : *ports) actual.push_back(to_object(port));
        EXPECT_EQ(normalised(actual), normalised(test.expected.at("result")));
        ++equal_;
    }
}

TEST_F(ComposeCases, ShortVolumes) {
    for (const Case& test : read("volume_short")) {
        SCOPED_TRACE(test.name);
        const std::string text = text_of(test.inputs.at("short"));
        // A load substitutes variables before it splits.
        if (text.find("${") != std::string::npos) {
            ++unsupported_;
            continue;
        }
        const auto volume = compose::expand_volume(scalar(text));
        if (test.must_fail()) {
            EXPECT_FALSE(volume) << text;
            ++refused_;
        } else if (volume) {
            json::object wanted = test.expected.at("result").as_object();
            EXPECT_EQ(normalised(to_object(*volume)), normalised(wanted)) << text;
            ++equal_;
        } else {
            EXPECT_TRUE(is_honest_refusal(volume.error())) << text << volume.error().message();
            ++unsupported_;
        }
    }
}

}    // namespace
}    // namespace trueup::conformance
