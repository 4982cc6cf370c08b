/* Refusals of the sandbox in Russian, under the English sentence the server names (`SandboxError`).
   A sentence that is missing here is shown in English; tests/sandbox/test_words.py finds it. */
export default {
  // People, bots and names
  "There is no such person.": "Такого человека нет.",
  "A person needs a name.": "Человеку нужно имя.",
  "There is no bot @{username}.": "Бота @{username} нет.",
  "That is no bot.": "Это не бот.",
  "@{bot} is a bot, not a person.": "@{bot} — бот, а не человек.",
  "@{bot} can't manage bots.": "@{bot} не умеет управлять ботами.",
  "BotFather accepts only usernames that end in bot, not {username}.":
    "BotFather принимает только имена, которые кончаются на bot, а не {username}.",
  "The username @{username} is taken.": "Имя @{username} занято.",
  "Sorry, nobody has the username @{username}.": "Имени @{username} ни у кого нет.",

  // Chats and their members
  "There is no such chat.": "Такого чата нет.",
  "A chat needs a title and a type: group, supergroup or channel.":
    "Чату нужны название и вид: group, supergroup или channel.",
  "That works in groups and channels only.": "Это возможно только в группах и каналах.",
  "{name} is not in {chat}.": "{name} не состоит в «{chat}».",
  "{name} is already in {chat}.": "{name} уже состоит в «{chat}».",
  "{name} is banned from {chat}.": "Доступ в «{chat}» закрыт: {name} в бане.",
  "{name} is not banned from {chat}.": "{name} не в бане в «{chat}».",
  "{name} owns {chat}.": "{name} — владелец «{chat}».",
  "{name} is no administrator of {chat}.": "{name} не администратор «{chat}».",
  "{name} may not appoint administrators in {chat}.": "{name} не может назначать администраторов в «{chat}».",
  "{name} may not dismiss administrators in {chat}.": "{name} не может снимать администраторов в «{chat}».",
  "{name} may not restrict members of {chat}.": "{name} не может ограничивать участников «{chat}».",
  "{name} may not rename {chat}.": "{name} не может переименовать «{chat}».",
  "{name} may not change join requests of {chat}.": "{name} не может менять заявки в «{chat}».",
  "{name} may not add members to {chat}.": "{name} не может добавлять участников в «{chat}».",
  "{name} may not invite to {chat}.": "{name} не может приглашать в «{chat}».",
  "@{bot} can't be added to groups.": "@{bot} нельзя добавлять в группы.",
  "@{bot} does not support join request queries.": "@{bot} не обрабатывает запросы на вступление.",
  "Only the owner can delete {chat}.": "Удалить «{chat}» может только владелец.",
  "Only the owner of a basic group can upgrade it, not {name}.":
    "Сделать группу супергруппой может только её владелец. {name} не может.",
  "{chat} is no forum.": "В «{chat}» нет тем.",

  // Links and joining
  "Sorry, this invite link has expired.": "Эта пригласительная ссылка больше не действует.",
  "Say which chat to join, or by which link.": "Укажите чат или ссылку.",
  "That link lets people in without a request.": "По этой ссылке впускают без заявки.",
  "{chat} takes no join requests.": "В «{chat}» заявок не принимают.",
  "{chat} has no such link.": "У «{chat}» такой ссылки нет.",
  "{name} does not wait for {chat}.": "{name} не ждёт приёма в «{chat}».",
  "{name} has not enough Stars to join {chat}.": "Звёзд не хватает, чтобы вступить в «{chat}»: {name}.",
  "This link asks for a chat: follow(url, chat=group).": "Для этой ссылки нужен чат.",
  "'{payload}' is no deep-link payload.": "«{payload}» нельзя передать боту по ссылке.",
  "'{payload}' is no deep-link payload: 1 to 64 characters of A-Z, a-z, 0-9, _ and -.":
    "«{payload}» нельзя передать боту по ссылке: годятся от 1 до 64 символов A-Z, a-z, 0-9, _ и -.",

  // Messages and buttons
  "A message needs a text or a file.": "Сообщению нужен текст или файл.",
  "That message is gone.": "Этого сообщения уже нет.",
  "That message belongs to somebody else.": "Это чужое сообщение.",
  "{name} does not see that message.": "{name} не видит этого сообщения.",
  "{name} does not see that message (any more).": "{name} не видит этого сообщения (или уже не видит).",
  "Forwards from this chat are restricted.": "Пересылать из этого чата нельзя.",
  "{name} stopped the bot; unblock it or press START first.":
    "Бот заблокирован ({name}): сначала разблокируйте его или нажмите «Начать».",
  "{name} may not post in {chat}.": "{name} не может публиковать в «{chat}».",
  "{name} may not write in {chat}.": "{name} не может писать в «{chat}».",
  "{channel} is banned from {chat}.": "«{channel}» в бане в «{chat}».",
  "{channel} does not belong to {name}.": "«{channel}» — чужой канал ({name}).",
  "There is no message yet in the chat of {where}.": "В чате {where} ещё нет сообщений.",
  "That button is gone.": "Этой кнопки уже нет.",
  "Only buttons of bots can be pressed.": "Нажимать можно только кнопки ботов.",
  "The button '{button}' does nothing in the sandbox.": "В песочнице кнопка «{button}» ничего не делает.",
  "{name} sees no button '{button}'; there are: {offered}.":
    "Кнопки «{button}» не видно ({name}). Есть: {offered}.",
  "{name} has no button '{button}' below the chat; there are: {offered}.":
    "Под чатом нет кнопки «{button}» ({name}). Есть: {offered}.",
  "This button asks for a chat: press(…, share=chat).": "Для этой кнопки нужен чат.",
  "This button asks for people: press(…, share=ann).": "Для этой кнопки нужны люди.",
  "This button does not offer {chat}.": "Эта кнопка не предлагает «{chat}».",

  // Paying; what a bot says at pre-checkout stays in its words
  "{words}": "{words}",
  "That message is no invoice.": "Это сообщение — не счёт.",
  "This invoice does not exist.": "Такого счёта нет.",
  "{link} is no invoice link.": "{link} — не ссылка на счёт.",
  "{name} sees no invoice.": "{name} не видит счёта.",
  "{name} has {stars} Stars, but {title} costs {price}.":
    "«{title}» стоит {price} ⭐, а на счету {stars} ⭐: {name}.",
  "{name} has not enough Stars for {title}.": "Звёзд не хватает на «{title}»: {name}.",
  "The bot did not answer the pre-checkout query in time.": "Бот не успел подтвердить оплату.",
  "That payment is no subscription.": "Этот платёж — не подписка.",
  "The subscription was canceled.": "Подписка отменена.",
  "There is no such subscription.": "Такой подписки нет.",
  "That subscription does not renew any more.": "Эта подписка уже не продлевается.",
  "That subscription renews already.": "Эта подписка и так продлевается.",
  "That subscription is over: pay for a new one.": "Эта подписка закончилась: оплатите новую.",
  "The bot canceled that subscription.": "Эту подписку отменил бот.",
  "There is no such payment.": "Такого платежа нет.",
  "Only Stars can be taken back.": "Забрать назад можно только звёзды.",
  "That payment went back before.": "Этот платёж уже вернулся.",

  // The page's own requests
  "A JSON body is expected.": "Ожидается тело в JSON.",
  "A JSON object is expected.": "Ожидается объект JSON.",
  "There is no action '{word}'.": "Действия «{word}» нет.",
  "That action is not understood: {why}.": "Действие непонятно: {why}.",
  "No bot ever had an update {number}.": "События {number} не было ни у одного бота.",
};
