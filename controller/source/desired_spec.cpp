// SPDX-License-Identifier: Apache-2.0
// git+ scheme://host/repository.git // path ? ref=name: the query is cut off at the last "?", then
// the path at the first "//" behind the scheme's.
#include "controller/source/desired_spec.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "api/v1alpha1/git_url.hpp"
#include "api/v1alpha1/rules.hpp"
#include "controller/base/text.hpp"

namespace trueup::source {
namespace {

constexpr std::string_view form = "write git+https://host/repository.git//path?ref=branch";

Error bad(std::string message) { return Error(Errc::invalid, std::move(message)); }

Result<Revision> parse_query(std::string_view query) {
    Revision revision;
    for (const std::string_view part : base::split(query, '&')) {
        const std::size_t equals = part.find('=');
        const std::string_view name = part.substr(0, equals);
        if (name != "ref" || equals == part.npos) {
            constexpr std::array<std::string_view, 1> known{"ref"};
            const std::string hint = base::suggest(name, known);
            return bad(fmt::format("the git source has an unknown parameter ({})",
                                   hint.empty() ? form : hint));
        }
        if (!revision.branch.empty() || !revision.commit.empty())
            return bad("the git source names two refs");
        std::string_view ref = part.substr(equals + 1);
        if (ref.starts_with("refs/heads/")) ref.remove_prefix(11);
        if (v1alpha1::is_commit_id(ref)) {
            revision.commit = std::string(ref);
        } else if (v1alpha1::is_branch_name(ref)) {
            revision.branch = std::string(ref);
        } else {
            return bad("the ref of the git source is neither a branch name nor a full commit id");
        }
    }
    return revision;
}

Result<DesiredSpec> parse_git(std::string_view spec) {
    DesiredSpec parsed;
    parsed.git = true;
    parsed.revision.branch = "main";
    if (const std::size_t mark = spec.rfind('?'); mark != spec.npos) {
        auto revision = parse_query(spec.substr(mark + 1));
        if (!revision) return revision.error();
        parsed.revision = std::move(*revision);
        spec = spec.substr(0, mark);
    }
    const std::size_t scheme = spec.find("://");
    const std::size_t start = scheme == spec.npos ? 1 : scheme + 4;
    if (const std::size_t cut = spec.find("//", start); cut != spec.npos) {
        const auto normal = base::normal_path(base::trim(spec.substr(cut + 2)));
        if (!normal) return bad("the path in the git source leaves the repository");
        parsed.path = *normal;
        spec = spec.substr(0, cut);
    }
    const auto url = v1alpha1::parse_git_url(spec);
    if (!url) return url.error().in("the git source");
    parsed.url = std::string(spec);
    if (!url->remote() && !url->path.starts_with('/')) {
        parsed.url = std::filesystem::absolute(url->path).lexically_normal().string();
    }
    return parsed;
}

}    // namespace

Result<DesiredSpec> parse_desired_spec(std::string_view spec) {
    constexpr std::string_view prefix = "git+";
    if (base::trim(spec).empty()) return bad("the desired state is named by an empty text");
    if (spec.find('\0') != spec.npos)
        return bad("the name of the desired state has a zero byte in it");
    if (spec.starts_with(prefix)) return parse_git(spec.substr(prefix.size()));
    if (spec.find("://") != spec.npos) {
        return bad(fmt::format("'{}' is neither a directory, a file nor a git source ({})",
                               v1alpha1::redact_git_url(spec).substr(0, 200), form));
    }
    DesiredSpec parsed;
    parsed.path = std::string(spec);
    return parsed;
}

}    // namespace trueup::source
