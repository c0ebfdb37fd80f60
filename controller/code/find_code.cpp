// SPDX-License-Identifier: Apache-2.0
// The Stack's word where it has one; else the Dockerfile is followed. What cannot be followed gives no
// file that is expected: unknown is never called fresh.
#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/code/code.hpp"
#include "controller/code/scan.hpp"
#include "controller/dockerfile/context.hpp"

namespace trueup::code {
namespace {

using Explicit = std::map<std::string, std::vector<model::CodeMapping>>;

// A step that installs what a mounted requirements.txt names, or compiles what is copied as well, is how
// Dockerfiles are written; source files that only a mount brought are code that nobody can find.
bool hides_code(const dockerfile::Untraced& mount, const std::set<std::string>& copied) {
    return std::any_of(mount.seen.begin(), mount.seen.end(), [&](const std::string& path) {
        return is_source_file("/" + path) && !copied.contains(path);
    });
}

void add_untraced(const dockerfile::Trace& trace, ServiceCode& code) {
    using Origin = dockerfile::Untraced::Origin;
    std::set<std::string> copied;
    for (const auto& [path, file] : trace.files) copied.insert(file.commit_path);
    for (const dockerfile::Untraced& each : trace.untraced) {
        if (each.origin == Origin::mount && !hides_code(each, copied)) continue;
        code.untraced.push_back(each.problem);
        if (each.origin == Origin::commit || each.origin == Origin::mount)
            code.unplaced.push_back(each.problem);
    }
}

ServiceCode traced(const dockerfile::Context& context, const model::Build& build, bool bytecode) {
    const dockerfile::Trace trace = dockerfile::trace(context, build);
    ServiceCode code;
    code.base = trace.base;
    add_untraced(trace, code);
    if (trace.files.empty()) return code;
    ExpectedCode expected = expect(trace, bytecode);
    expected.dockerfile = context.dockerfile_path;
    expected.dockerfile_id = base::git_blob_id(context.dockerfile_text);
    code.expected = std::make_shared<const ExpectedCode>(std::move(expected));
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
            found[name] = traced(*context, *service.build, bytecode);
        }
    }
    return found;
}

}    // namespace trueup::code
