// SPDX-License-Identifier: Apache-2.0
// The commit -> what it expects in the container -> the comparison -> the contents of what differs.
#include "controller/app/code_check.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <utility>

#include "controller/app/code_service.hpp"
#include "controller/app/near_names.hpp"
#include "controller/build/build.hpp"
#include "controller/base/offload.hpp"
#include "controller/base/task.hpp"
#include "controller/code/archive_read.hpp"
#include "controller/code/bytecode.hpp"
#include "controller/code/changes.hpp"
#include "controller/code/code.hpp"
#include "controller/code/container_file.hpp"
#include "controller/code/evidence.hpp"
#include "controller/code/large_files.hpp"
#include "controller/code/scan.hpp"
#include "controller/engine/engine.hpp"
#include "controller/source/revision.hpp"

namespace trueup::app {
namespace {

namespace json = boost::json;

constexpr std::size_t most_differences = 1'000;
constexpr std::size_t most_contents = 100;
constexpr std::size_t most_of_image = 20;
constexpr std::size_t longest_content = 1U << 20U;
constexpr std::string_view proof_owner = "trueup code verify";

struct Expectation {
    std::shared_ptr<const code::ExpectedCode> code;
    Problems untraced;
    bool unplaced = false;           // some of `untraced` are files of the commit
    model::Strings tmpfs;            // of its service
    dockerfile::BaseImage base{};    // whose ONBUILD may add files
    std::string recipe;              // what its image would be built from; "" = nobody knows
};

struct Compared {
    code::Comparison comparison;
    model::Strings
        of_image;    // paths of what a stranger's image brought along, as the container has it
};

model::StringMap labels_of(const json::object& inspect) {
    model::StringMap labels;
    const json::value* config = inspect.if_contains("Config");
    const json::object* object = config == nullptr ? nullptr : config->if_object();
    const json::value* found = object == nullptr ? nullptr : object->if_contains("Labels");
    if (found == nullptr || !found->is_object()) return labels;
    for (const auto& [name, value] : found->get_object()) {
        if (value.is_string()) labels[std::string(name)] = std::string(value.get_string());
    }
    return labels;
}

// A command that is run elsewhere than in the repository is the usual mistake.
Result<source::LocalCommit> find_commit(const std::string& repository,
                                        const std::string& revision) {
    auto found = source::find_commit(repository, revision);
    if (found || found.error().code() != Errc::not_found) return found;
    return Error(Errc::not_found,
                 found.error().message() + " (--repo names the repository that has it)");
}

// "…; say where its code lies, for example: trueup code verify web --repo . --commit HEAD --map app:/srv"
Error ask_for_map(const Error& error, const CodeChoice& choice) {
    return Error(
        error.code(),
        fmt::format("{}\nSay where its code lies, for example: trueup code verify {} --repo {} "
                    "--commit {} --map app:/srv/app",
                    error.message(), choice.container, choice.repository, choice.revision));
}

Result<Expectation> expect_mapped(const CodeChoice& choice, const source::LocalCommit& local) {
    std::vector<model::CodeMapping> mappings;
    for (const std::string& text : choice.maps) {
        auto mapping = parse_map(text);
        if (!mapping) return mapping.error();
        if (!local.commit.tree->stat(mapping->from)) {
            return Error(Errc::not_found,
                         fmt::format("--map '{}': '{}' is not in commit {}", text, mapping->from,
                                     local.commit.id.substr(0, 12)));
        }
        mappings.push_back(std::move(*mapping));
    }
    auto code = code::expect(model::Service(), mappings, *local.commit.tree);
    if (!code) return code.error();
    if (code->files.empty()) {
        return Error(Errc::not_found, fmt::format("commit {} has no file at {}",
                                                  local.commit.id.substr(0, 12), mappings[0].from));
    }
    code->most_differences = most_differences;
    Expectation expectation;
    expectation.code = std::make_shared<const code::ExpectedCode>(std::move(*code));
    return expectation;
}

Result<Expectation> expect_service(const CodeChoice& choice, const source::LocalCommit& local,
                                   const model::StringMap& labels) {
    const auto project = project_of_labels(labels, local);
    if (!project) {
        return ask_for_map(project.error().in("container " + choice.container +
                                              ": what it is built from "
                                              "is not known"),
                           choice);
    }
    auto found = code::find_code(*project, *local.commit.tree, {});
    if (!found) return ask_for_map(found.error(), choice);
    Expectation expectation;
    const auto identified = build::identify(*project, *local.commit.tree);
    for (const auto& [name, service] : identified ? identified->services : project->services) {
        if (service.build) expectation.recipe = service.build->recipe_id;
        expectation.tmpfs = service.tmpfs;
    }
    for (auto& [name, code] : *found) {
        expectation.untraced = std::move(code.untraced);
        expectation.base = std::move(code.base);
        expectation.unplaced = !code.unplaced.empty();
        if (code.expected == nullptr) continue;
        auto copy = *code.expected;
        copy.most_differences = most_differences;
        expectation.code = std::make_shared<const code::ExpectedCode>(std::move(copy));
    }
    if (expectation.code != nullptr) return expectation;
    std::string why = "no file of the commit is known to be in its image";
    for (const Problem& problem : expectation.untraced) why += "\n" + to_string(problem);
    return ask_for_map(Error(Errc::not_found, why), choice);
}

model::Strings brought_along(const code::Manifest& manifest, const code::ExpectedCode& expected) {
    const code::Manifest modes = code::only_modes(manifest, expected);
    model::Strings paths;
    for (const auto& [path, built] : manifest) {
        if (!modes.contains(path)) paths.push_back(path);
    }
    return paths;
}

// Built by trueup, of what the commit says: what it holds beyond the commit is the build's. trueup made a
// container of its own from no other image.
Task<bool> is_own(engine::Engine& engine, const model::ObservedContainer& container,
                  std::string recipe, std::string commit) {
    const auto image = co_await engine.inspect_image(container.image_id);
    if (!image && image.error().code() == Errc::not_found) co_return false;
    if (!image) co_return image.error();
    if (image->recipe_id.empty() || !image->owner.empty()) co_return false;
    co_return image->recipe_id == recipe || (container.owned && container.revision == commit);
}

// What steps made of its files was proven: before trueup made a container of it, or since no layer is out of a
// cache. Whoever else started it may have taken one that trueup refused.
Task<bool> knows_steps(engine::Engine& engine, const model::ObservedContainer& container) {
    if (container.owned) co_return true;
    const auto image = co_await engine.inspect_image_raw(container.image_id);
    if (!image && image.error().code() == Errc::not_found) co_return false;
    if (!image) co_return image.error();
    co_return code::is_uncached(*image);
}

// What a step may have changed of the commit's files is the build's doing where trueup built the image of
// this commit and saw the step do it, and it is no older content.
void distrust_changes(code::Comparison& image, const code::ExpectedCode& expected,
                      const model::Tree& tree, bool known) {
    auto changed = code::changed_by_build(image.of_build, expected);
    if (known) changed = code::older_content(changed, image.of_build, expected, tree);
    code::distrust(image, changed, expected);
}

// A container alone does not tell what its image brought along; that is asked only where it matters.
Task<Compared> compare(engine::Engine& engine, Pool& pool, model::ObservedContainer container,
                       Expectation expectation, const source::LocalCommit& local) {
    const std::shared_ptr<const code::ExpectedCode> expected = expectation.code;
    auto found = co_await code::read_archive(engine, pool, container.id, expected);
    if (!found) co_return found.error();
    const model::Strings data = code::data_folders(container.mounts, expectation.tmpfs, *expected);
    code::Manifest brought;
    code::leave_out(data, *found, brought);
    const SystemTime now = base::machine_clock().now();
    code::Verdicts verdicts;
    std::shared_ptr<const code::Manifest> manifest;
    Compared result;
    const code::Comparison alone = code::compare(*expected, *found, nullptr);
    if (alone.state.difference_count != alone.apart.difference_count) {
        std::string owner(proof_owner);
        auto image = co_await code::compare_image(engine, pool, container.image_id, expected,
                                                  std::move(owner), verdicts, now);
        // An image that is gone tells nothing: what differs is told as it was found.
        if (!image && image.error().code() != Errc::not_found) co_return image.error();
        const auto own = co_await is_own(engine, container, expectation.recipe, local.commit.id);
        if (!own) co_return own.error();
        const auto seen = co_await knows_steps(engine, container);
        if (!seen) co_return seen.error();
        if (image) {
            distrust_changes(*image, *expected, *local.commit.tree, *own && *seen);
            brought = std::move(image->of_build);
            code::leave_out(data, *found, brought);
            manifest = std::make_shared<const code::Manifest>(std::move(brought));
            if (!*own) result.of_image = brought_along(*manifest, *expected);
        }
    }
    auto compared = co_await code::compare_found(engine, container.id, expected, *found,
                                                 std::move(manifest), verdicts, now);
    if (!compared) co_return compared.error();
    result.comparison = std::move(*compared);
    co_return result;
}

// "" in several places: which of them differs is not known.
std::string place_of(const model::FileDifference& difference, const code::ExpectedCode& expected) {
    auto places = code::places_of(difference, expected);
    return places.size() == 1 ? std::move(places.front()) : std::string();
}

Task<void> add_contents(engine::Engine& engine, const model::Tree& tree, CodeCheck& check) {
    std::size_t shown = 0;
    for (DifferingFile& file : check.differing) {
        if (++shown > most_contents) break;
        if (file.change == model::FileChange::mode) continue;
        if (file.change != model::FileChange::extra) {
            auto before = tree.read(file.path, longest_content);
            file.bounded = !before;
            if (before) file.before = std::move(*before);
        }
        if (file.change == model::FileChange::missing) continue;
        // In several places: which of them differs is not known.
        file.bounded = file.bounded || file.place.empty();
        if (file.place.empty()) continue;
        auto after = co_await code::read_container_file(engine, check.container_id, file.place,
                                                        longest_content);
        if (!after && after.error().code() == Errc::timeout) co_return after.error();
        // The engine itself does not read all that can lie there: links in a circle.
        if (!after) {
            file.bounded = true;
            continue;
        }
        file.bounded = file.bounded || (after->exists && !after->content);
        file.after = std::move(after->content);
    }
    co_return Result<void>();
}

// Nothing that was compared differs, and not all could be: that proves nothing.
void add_verdict(CodeCheck& check, const Compared& compared, const Expectation& expectation) {
    const model::CodeState& state = compared.comparison.state;
    check.of_build_count = state.of_build_count;
    for (const model::FileDifference& each : state.of_build)
        check.of_build.push_back(code::change_text(each, *expectation.code));
    check.status = state.status;
    check.files = state.files;
    check.difference_count = state.difference_count;
    check.bytecode_count = state.bytecode_count;
    for (const model::BytecodeFinding& finding : state.bytecode)
        check.bytecode.push_back(model::to_text(finding, check.commit.substr(0, 7)));
    check.of_image = compared.of_image;
    check.of_image_count = compared.of_image.size();
    if (check.of_image_count > most_of_image) check.of_image.resize(most_of_image);
    const bool untold = check.of_image_count > 0 || expectation.unplaced;
    if (untold && check.status == model::CodeStatus::fresh)
        check.status = model::CodeStatus::unknown;
}

std::string url_of(const CodeChoice& choice) {
    return choice.engine.empty() ? engine::default_engine_url() : choice.engine;
}

// Of a container that is not there: on which engine, and what is like it.
boost::asio::awaitable<Error> explain_missing(engine::Engine& engine, CodeChoice choice) {
    engine::ContainerFilter every;
    const auto containers = co_await engine.list_containers(std::move(every));
    model::Strings names;
    if (containers) {
        for (const model::ObservedContainer& each : *containers) names.push_back(each.name);
    }
    co_return Error(
        Errc::not_found,
        fmt::format("there is no container '{}' on the engine at {}{}", choice.container,
                    url_of(choice), suggest_names(choice.container, names, "docker ps -a")));
}

Task<CodeCheck> check(engine::Engine& engine, Pool& pool, CodeChoice choice,
                      const source::LocalCommit& local) {
    const auto inspect = co_await engine.inspect_container_raw(choice.container);
    if (!inspect && inspect.error().code() == Errc::not_found) {
        Error missing = co_await explain_missing(engine, choice);
        co_return missing;
    }
    if (!inspect) co_return inspect.error();
    const auto container = co_await engine.inspect_container(choice.container);
    if (!container) co_return container.error();
    auto expected = choice.maps.empty() ? expect_service(choice, local, labels_of(*inspect))
                                        : expect_mapped(choice, local);
    if (!expected) co_return expected.error();
    Problems pointers = code::large_file_pointers(*expected->code, *local.commit.tree);
    if (!pointers.empty()) co_return Error(std::move(pointers));
    const auto trigger = co_await code::untraced_triggers(engine, expected->base);
    if (!trigger) co_return trigger.error();
    if (*trigger) {
        expected->untraced.push_back(**trigger);
        expected->unplaced = true;
    }
    const auto compared = co_await compare(engine, pool, *container, *expected, local);
    if (!compared) co_return compared.error();
    CodeCheck result;
    result.container = container->name;
    result.container_id = container->id;
    result.commit = local.commit.id;
    result.subject = local.commit.subject;
    result.untraced = expected->untraced;
    add_verdict(result, *compared, *expected);
    for (const model::FileDifference& difference : compared->comparison.state.differences) {
        DifferingFile file;
        file.path = difference.path;
        file.change = difference.change;
        file.place = place_of(difference, *expected->code);
        result.differing.push_back(std::move(file));
    }
    if (choice.contents) {
        const auto added = co_await add_contents(engine, *local.commit.tree, result);
        if (!added) co_return added.error();
    }
    co_return result;
}

boost::asio::awaitable<void> check_into(engine::Engine& engine, Pool& pool, CodeChoice choice,
                                        const source::LocalCommit& local,
                                        std::optional<Result<CodeCheck>>& answer) {
    auto checked = co_await check(engine, pool, std::move(choice), local);
    answer.emplace(std::move(checked));
}

}    // namespace

Result<CodeHash> hash_code(const std::string& repository, const std::string& object) {
    const std::size_t colon = object.find(':');
    if (colon == object.npos || colon == 0) {
        return Error(Errc::invalid,
                     fmt::format("'{}' is no COMMIT:PATH (for example HEAD:app, or HEAD: "
                                 "for all of it)",
                                 object));
    }
    const auto local = find_commit(repository, object.substr(0, colon));
    if (!local) return local.error();
    std::string path = object.substr(colon + 1);
    while (path.ends_with('/')) path.pop_back();
    const auto entry = local->commit.tree->stat(path);
    if (!entry) return entry.error();
    CodeHash hash;
    hash.commit = local->commit.id;
    hash.path = path;
    hash.kind = entry->kind;
    hash.object_id = entry->object_id;
    return hash;
}

Result<CodeCheck> check_code(const CodeChoice& choice) {
    const auto local = find_commit(choice.repository, choice.revision);
    if (!local) return local.error();
    boost::asio::io_context io{1};
    Pool pool{1};
    auto options = engine::default_engine_options(url_of(choice));
    auto engine = engine::make_docker_engine(io.get_executor(), std::move(options));
    if (!engine) return engine.error();
    std::optional<Result<CodeCheck>> answer;
    std::exception_ptr failure;
    boost::asio::co_spawn(io, check_into(**engine, pool, choice, *local, answer),
                          [&failure](std::exception_ptr raised) { failure = std::move(raised); });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*answer);
}

}    // namespace trueup::app
