// SPDX-License-Identifier: Apache-2.0
#include "api/cli/local_verbs.hpp"

#include <boost/json/object.hpp>
#include <cstdio>

#include "api/cli/cli.hpp"
#include "api/cli/output.hpp"
#include "api/v1alpha1/stack.hpp"
#include "controller/app/configuration.hpp"
#include "controller/store/store.hpp"

namespace trueup::cli {

namespace {

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return exit_error;
}

}    // namespace

int backup(const app::CommonChoice& choice, const std::string& file) {
    const auto configuration = app::load_configuration(choice);
    if (!configuration) return fail(configuration.error());
    const std::string directory = configuration->state_directory.given()
                                      ? configuration->state_directory.path
                                      : app::default_state_directory();
    const auto done = store::backup(directory, file);
    if (!done) return fail(done.error());
    std::printf("%s holds what the controller of %s remembers\n", file.c_str(), directory.c_str());
    return exit_done;
}

int version(const std::string& output) {
    boost::json::object object;
    object["version"] = TRUEUP_VERSION;
    object["apiVersion"] = v1alpha1::api_version;
    const auto text = print_structured(object, parse_format(output).value_or(Format::table));
    std::printf("%s", text ? text->c_str() : "trueup " TRUEUP_VERSION "\n");
    return exit_done;
}

}    // namespace trueup::cli
