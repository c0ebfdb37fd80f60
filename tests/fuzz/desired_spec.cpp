// SPDX-License-Identifier: Apache-2.0
// The argument of --desired and git urls: never throws, and messages carry no userinfo.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/v1alpha1/git_url.hpp"
#include "controller/source/desired_spec.hpp"
#include "controller/source/mirror.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto url = trueup::v1alpha1::parse_git_url(text);
    if (url && url->remote() && url->host.find('@') != url->host.npos) std::abort();
    const auto spec = trueup::source::parse_desired_spec(text);
    if (!spec) return spec.error().message().empty() ? (std::abort(), 0) : 0;
    if (!spec->git) return 0;
    if (spec->revision.commit.empty() == spec->revision.branch.empty()) std::abort();
    if (!trueup::v1alpha1::parse_git_url(spec->url)) std::abort();
    // A folder below the cache directory, whatever the url says.
    const std::string folder = trueup::source::mirror_folder("/cache", spec->url);
    if (folder.find('/', 7) != folder.npos || folder.size() > 100 || folder.find("..") == 7)
        std::abort();
    return 0;
}
