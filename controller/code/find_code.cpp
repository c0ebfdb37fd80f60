// SPDX-License-Identifier: Apache-2.0
// The Stack's word where it has one; else the Dockerfile is followed. What cannot be followed gives no
// file that is expected: unknown is never called fresh.
#include <utility>

#include "controller/code/code.hpp"
#include "controller/dockerfile/context.hpp"

namespace trueup::code {
namespace {

using Explicit = std::map<std::string, std::vector<model::CodeMapping>>;

ServiceCode traced(const dockerfile::Trace& trace, bool bytecode) {
    ServiceCode code;
    for (const dockerfile::Untraced& each : trace.untraced) {
        code.untraced.push_back(each.problem);
        if (each.origin == dockerfile::Untraced::Origin::commit)
            code.unplaced.push_back(each.problem);
    }
    if (trace.files.empty()) return code;
    code.expected = std::make_shared<const ExpectedCode>(expect(trace, bytecode));
    for (const dockerfile::TracedRoot& root : trace.roots)
        code.mappings.push_back({root.commit_path, root.path, root.exclude});
    return code;
}

}    // namespace

Result<std::map<std::string, ServiceCode>> find_code(const model::Project& project,
                                                     const model::Tree& tree,
                                                     const Explicit& explicit_code, bool bytecode) {
    std::map<std::string, ServiceCode> found;
    for (const auto& [name, service] : project.services) {
        const auto given = explicit_code.find(name);
        if (given != explicit_code.end()) {
            auto expected = expect(service, given->second, tree, bytecode);
            if (!expected) return expected.error().in("service " + name);
            ServiceCode& code = found[name];
            code.mappings = given->second;
            code.expected = std::make_shared<const ExpectedCode>(std::move(*expected));
        } else if (service.build) {
            const auto context = dockerfile::read_context(service, tree);
            if (!context) return context.error();
            found[name] = traced(dockerfile::trace(*context, *service.build), bytecode);
        }
    }
    return found;
}

}    // namespace trueup::code
