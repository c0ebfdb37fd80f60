// SPDX-License-Identifier: Apache-2.0
// Every method is one call(): count it, maybe fail, do the work in one go, maybe lose the answer.
#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <algorithm>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/engine/world.hpp"
#include "tests/support/fake_call.hpp"
#include "tests/support/fake_image.hpp"

namespace trueup::test {

namespace json = boost::json;
using engine::Event;
using model::ContainerState;
using model::Health;

struct FakeEngine::Subscriber {
    Subscriber(const Executor& executor, engine::EventFilter chosen)
        : filter(std::move(chosen)),
          timer(executor, boost::asio::steady_timer::time_point::max()) {}
    engine::EventFilter filter;
    boost::asio::steady_timer timer;
    std::deque<Event> pending;
    bool ended = false;
};

// --- calls -----------------------------------------------------------------------------------------

Task<void> FakeEngine::enter(std::string what) {
    co_await boost::asio::post(executor_, base::use_task);
    const bool cancelled = co_await base::is_cancelled();
    if (cancelled) co_return Error(Errc::cancelled, "cancelled");
    const Milliseconds time = thinks ? thinks(what) : Milliseconds(0);
    if (time.count() > 0) {
        const auto slept = co_await base::sleep_for(time);
        if (!slept) co_return slept;
    }
    if (gone_) co_return why_gone_;
    if (!armed_) {
        calls.push_back(std::move(what));
        co_return Result<void>();
    }
    ++counted_;
    if (gone_after_ != 0 && counted_ > gone_after_) {
        disconnect();
        co_return why_gone_;
    }
    calls.push_back(std::move(what));
    if (counted_ != fail_call_) co_return Result<void>();
    if (!fail_loses_answer_) co_return Error(Errc::unavailable, "the engine answered 500");
    answer_is_lost_ = true;
    co_return Result<void>();
}

bool FakeEngine::loses_answer() { return std::exchange(answer_is_lost_, false); }

void FakeEngine::arm(std::size_t fail_call, bool loses_answer, std::size_t gone_after) {
    armed_ = true;
    counted_ = 0;
    fail_call_ = fail_call;
    fail_loses_answer_ = loses_answer;
    gone_after_ = gone_after;
}

void FakeEngine::disconnect() {
    refuse(Error(Errc::unavailable, "connect: no such file or directory"));
}

void FakeEngine::refuse(Error why) {
    why_gone_ = std::move(why);
    gone_ = true;
    break_streams();
}

void FakeEngine::break_streams() {
    streams_broken_ = true;
    for (Subscriber* subscriber : subscribers_) {
        subscriber->ended = true;
        subscriber->timer.cancel();
    }
}

std::string FakeEngine::new_id(const std::string& kind) {
    return base::sha256_hex(fmt::format("{} {}", kind, next_id_++));
}

std::string FakeEngine::time() const {
    const std::chrono::nanoseconds since(next_time_);
    const SystemTime moment(std::chrono::duration_cast<SystemTime::duration>(since));
    std::string whole = base::to_rfc3339(moment);
    whole.pop_back();
    return fmt::format("{}.{:09}Z", whole, next_time_ % 1'000'000'000);
}

// --- events ----------------------------------------------------------------------------------------

namespace {

bool wanted(const engine::EventFilter& filter, const Event& event) {
    const auto has = [](const std::vector<std::string>& chosen, const std::string& value) {
        return chosen.empty() || std::find(chosen.begin(), chosen.end(), value) != chosen.end();
    };
    return has(filter.types, event.type) &&
           has(filter.actions, event.action.substr(0, event.action.find(':')));
}

}    // namespace

void FakeEngine::emit(const std::string& type, const std::string& action, const std::string& id,
                      model::StringMap attributes) {
    const Event event{type, action, id, std::move(attributes), next_time_};
    next_time_ += 1'000'000;
    ring_.push_back(event);
    if (ring_.size() > 256) ring_.pop_front();
    for (Subscriber* subscriber : subscribers_) {
        if (!wanted(subscriber->filter, event)) continue;
        subscriber->pending.push_back(event);
        subscriber->timer.cancel();
    }
}

void FakeEngine::emit(const FakeContainer& container, const std::string& action,
                      model::StringMap details) {
    model::StringMap attributes = container.labels;
    attributes["name"] = container.name;
    attributes.merge(details);
    emit("container", action, container.id, std::move(attributes));
}

Task<void> FakeEngine::stream_events(engine::EventFilter filter, std::function<void()> opened,
                                     std::function<void(Event)> received) {
    co_await boost::asio::post(executor_, base::use_task);
    if (streams_broken_) co_return why_gone_;
    Subscriber self(executor_, std::move(filter));
    const auto place = subscribers_.insert(subscribers_.end(), &self);
    if (self.filter.since) {
        for (const Event& event : ring_) {
            const bool past = self.filter.until && event.time_nano > *self.filter.until;
            if (event.time_nano >= *self.filter.since && !past && wanted(self.filter, event))
                self.pending.push_back(event);
        }
    }
    opened();
    bool told = false;
    bool cancelled = co_await base::is_cancelled();
    while (!cancelled && !self.ended && !told) {
        if (self.pending.empty() && self.filter.until) {
            told = true;
        } else if (self.pending.empty()) {
            co_await self.timer.async_wait(base::use_task);
            cancelled = co_await base::is_cancelled();
            self.timer.expires_at(boost::asio::steady_timer::time_point::max());
        } else {
            Event event = std::move(self.pending.front());
            self.pending.pop_front();
            received(std::move(event));
        }
    }
    subscribers_.erase(place);
    if (cancelled) co_return Error(Errc::cancelled, "cancelled");
    if (told) co_return Result<void>();
    co_return Error(Errc::unavailable, "the event stream ended");
}

// --- images ----------------------------------------------------------------------------------------

std::string FakeEngine::add_image(FakeImage added) {
    if (added.id.empty()) added.id = fake_image_id(added);
    for (auto& [id, other] : images) {
        for (const std::string& reference : added.references)
            std::erase(other.references, engine::normal_reference(reference));
    }
    for (std::string& reference : added.references) reference = engine::normal_reference(reference);
    const std::string id = added.id;
    const auto [found, fresh] = images.try_emplace(id, added);
    if (!fresh) {
        for (const std::string& reference : added.references)
            found->second.references.push_back(reference);
    }
    emit("image", "tag", id);
    return id;
}

void FakeEngine::add_to_registry(const std::string& reference, FakeImage image) {
    image.references = {reference};
    registry_[engine::normal_reference(reference)] = std::move(image);
}

Result<FakeImage*> FakeEngine::image(const std::string& reference) {
    const auto by_id = images.find(reference);
    if (by_id != images.end()) return &by_id->second;
    const std::string normal = engine::normal_reference(reference);
    for (auto& [id, candidate] : images) {
        const auto& references = candidate.references;
        if (std::find(references.begin(), references.end(), normal) != references.end())
            return &candidate;
    }
    return Error(Errc::not_found, "No such image: " + reference);
}

namespace {

model::ObservedImage observed_image(const FakeImage& image) {
    model::ObservedImage observed;
    observed.id = image.id;
    observed.references = image.references;
    const auto label = [&](std::string_view key) {
        const auto found = image.labels.find(std::string(key));
        return found == image.labels.end() ? std::string() : found->second;
    };
    observed.recipe_id = label("dev.trueup.recipe");
    observed.revision = label("org.opencontainers.image.revision");
    return observed;
}

}    // namespace

Task<std::vector<model::ObservedImage>> FakeEngine::list_images() {
    return call<std::vector<model::ObservedImage>>(
        "list images", [this]() -> Result<std::vector<model::ObservedImage>> {
            std::vector<model::ObservedImage> list;
            for (const auto& [id, image] : images) list.push_back(observed_image(image));
            return list;
        });
}

Task<model::ObservedImage> FakeEngine::inspect_image(std::string reference) {
    return call<model::ObservedImage>("inspect image " + reference,
                                      [this, reference]() -> Result<model::ObservedImage> {
                                          const auto found = image(reference);
                                          if (!found) return found.error();
                                          return observed_image(**found);
                                      });
}

Task<void> FakeEngine::tag_image(std::string id, std::string reference) {
    return call<void>("tag " + reference, [this, id, reference]() -> Result<void> {
        const auto found = image(id);
        if (!found) return found.error();
        FakeImage tagged = **found;
        tagged.references = {reference};
        add_image(std::move(tagged));
        return {};
    });
}

Task<void> FakeEngine::remove_image(std::string id) {
    return call<void>("remove image " + id, [this, id]() -> Result<void> {
        const auto found = image(id);
        if (!found) return found.error();
        const std::string image_id = (*found)->id;
        auto& references = (*found)->references;
        const std::string normal = engine::normal_reference(id);
        if (references.size() > 1 && std::erase(references, normal) > 0) {
            emit("image", "untag", image_id);
            return {};
        }
        for (const auto& [container_id, container] : containers) {
            if (container.image_id == image_id)
                return Error(Errc::conflict, "image is being used by container " + container_id);
        }
        images.erase(image_id);
        emit("image", "delete", image_id);
        return {};
    });
}

Task<std::string> FakeEngine::import_image(std::string reference, std::string tar) {
    return call<std::string>("import " + reference,
                             [this, reference, tar]() -> Result<std::string> {
                                 const auto files = read_fake_tar(tar);
                                 if (!files) return files.error();
                                 FakeImage made;
                                 made.references = {reference};
                                 for (const auto& [path, content] : *files)
                                     made.files["/" + path] = content;
                                 return add_image(std::move(made));
                             });
}

void FakeEngine::protect_in_registry(const std::string& reference, const std::string& username,
                                     const std::string& password) {
    registry_logins_[engine::normal_reference(reference)] = username + ":" + password;
}

Task<void> FakeEngine::pull_image(std::string reference, engine::Progress progress,
                                  std::optional<engine::RegistryCredentials> credentials,
                                  std::string /*platform*/) {
    const std::string shown =
        credentials ? credentials->username + ":" + credentials->password : "";
    return call<void>("pull " + reference, [this, reference, progress, shown]() -> Result<void> {
        const auto found = registry_.find(engine::normal_reference(reference));
        if (found == registry_.end())
            return Error(Errc::not_found,
                         "pulling " + reference + ": manifest for " + reference + " not found");
        const auto login = registry_logins_.find(engine::normal_reference(reference));
        if (login != registry_logins_.end() && login->second != shown)
            return Error(Errc::denied, "pulling " + reference + ": unauthorized");
        if (progress) progress("Pulling " + reference);
        add_image(found->second);
        return {};
    });
}

Task<std::string> FakeEngine::build_image(engine::BuildRequest request, engine::ByteSource& context,
                                          engine::Progress progress) {
    std::string tar;
    for (;;) {
        auto chunk = co_await context.read();
        if (!chunk) co_return chunk.error();
        if (chunk->empty()) break;
        tar += *chunk;
    }
    const auto entered = co_await enter("build " + request.reference);
    if (!entered) co_return entered.error();
    if (progress) progress("building " + request.reference);
    auto built = do_build(request, tar);
    if (loses_answer()) co_return Error(Errc::unavailable, "the connection was lost");
    co_return built;
}

Result<std::string> FakeEngine::do_build(const engine::BuildRequest& request,
                                         const std::string& tar) {
    const auto files = read_fake_tar(tar);
    if (!files) return files.error();
    const auto base_image = [this](const std::string& reference) -> Result<FakeImage> {
        const auto found = image(reference);
        if (!found) return found.error();
        return **found;
    };
    auto built = build_fake_image(*files, request, base_image);
    if (!built) return built.error();
    if (meddles) meddles(request, *built);
    const auto behaviour = files->find("behaviour");
    if (behaviour != files->end()) {
        const std::string name = behaviour->second.substr(0, behaviour->second.find('\n'));
        built->behaviour = behaviours[name];
    }
    return add_image(std::move(*built));
}

}    // namespace trueup::test
