// SPDX-License-Identifier: Apache-2.0
#include "controller/source/desired.hpp"

#include "controller/source/desired_sources.hpp"

namespace trueup::source {

Result<std::unique_ptr<DesiredSource>> make_desired_source(Executor executor, std::string spec,
                                                           GitRepositories& repositories,
                                                           DesiredOptions options) {
    auto parsed = parse_desired_spec(spec);
    if (!parsed) return parsed.error();
    if (parsed->git)
        return make_git_source(std::move(spec), std::move(*parsed), repositories,
                               std::move(options));
    return make_file_source(std::move(executor), std::move(parsed->path), repositories.pool(),
                            std::move(options));
}

}    // namespace trueup::source
