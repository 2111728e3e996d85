/**
 * Every limit of the core, with its unit and its reason. What happens at a limit stands beside it.
 * Limits that a user may change have their default here and their setting in `src/config/schema.ts`.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, WEEK_MS } from './time.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  /** Largest body read. API Gateway and SQS carry 1 MiB without tricks; real events stay below 100 KB. Above: 413. */
  bodyBytesMax: MIB,
  /** Bodies being read at the same time, all together, counted as they arrive: what senders make us hold. Above: 503. */
  bodiesBytesMax: 128 * MIB,
  /** What strangers may fill of them: the rest is for published provider addresses and senders of genuine webhooks. */
  bodiesBytesOfStrangersMax: 96 * MIB,
  /** What one sender may hold of what is free: of bytes, connections, slots. Many get less each, and nobody nothing. */
  shareOfFreeMax: 1 / 16,
  /** A body of which nothing came for so long is given up: what is there to send is sent in one go. Above: 400. */
  bodyIdleMsMax: 3 * SECOND_MS,
  /** Bytes of a body that have to come in a second, on average after those first seconds. An old modem had more. Below: 400. */
  bodyBytesPerSecondMin: 4 * KIB,
  /** Largest body whose JSON value is kept for whoever reads the same bytes next. In bytes; above: it is read again. */
  jsonKeptBytesMax: 16 * KIB,
  /** Webhooks that one process has stored and keeps in memory to process next. Above: they wait on the queue. */
  heldWebhooksMax: 256,
  /** Payloads of those together. Above: they wait on the queue. */
  heldBytesMax: 8 * MIB,
  /** How long one of them is held, worked on included, longer than the longest handler. Then: its entry on the queue is due. */
  heldMsMax: 10 * MINUTE_MS,
  /** On one machine, smaller payloads are stored as they are: compressing 3 KB takes as long as storing it. In bytes. */
  compressedBytesMin: 16 * KIB,
  /** Largest payload once sealed: a DynamoDB item holds 400 KB with its attributes. Above: 413, in both homes. */
  sealedBytesMax: 350 * KIB,
  /** All request headers together. Real deliveries have 1–3 KB. Above: 400; 431 is not among our answers. */
  headerBytesMax: 16 * KIB,
  /** Request headers counted with repeats; Node drops the rest silently, so we refuse instead. Above: 400. */
  headersCountMax: 100,
  /**
   * How long a delivery may take from the last byte of its body to its answer: providers wait 5 to 30 seconds (Square 10).
   * Above: 503; whatever was stored by then is a duplicate when the provider comes again.
   */
  deliveryMsMax: 8 * SECOND_MS,
  /** What a function keeps of its own time limit, so that the answer still leaves. */
  functionReserveMs: SECOND_MS,
  /** Deliveries of one machine between the last byte of their body and their end; more are told to come again. A bound on memory. */
  deliveriesUnderwayMax: 5_000,
  deliveriesUnderwayOfStrangersMax: 4_000,
  /** How long a client may take for its headers, and for the whole request. A provider needs a fraction of a second. Above: 400. */
  requestHeadersMsMax: 10 * SECOND_MS,
  requestMsMax: 20 * SECOND_MS,
  /** Connections of one machine at a time; more are dropped. A bound on memory. Above one's share: 429. */
  connectionsMax: 10_000,
  connectionsOfStrangersMax: 9_000,
  /** Part of the burst that strangers may use: published addresses and senders of genuine webhooks find the rest, whatever comes. */
  burstOfStrangersMax: 3 / 4,
  /** An idle connection stays open for longer than the minute of usual balancers, so that they close first. */
  keepAliveMs: 65 * SECOND_MS,
  /**
   * How long a connection that is to be closed is still read. Closing at once makes the system reset the connection when
   * bytes arrive afterwards, and a sender that is reset in the middle of its body never sees the answer.
   */
  lingerMs: 2 * SECOND_MS,
  /** Addresses whose counts are remembered; the longest silent one is forgotten first. */
  addressesRatedMax: 20_000,
  /** Addresses whose normal form is remembered: reading one costs more than the rest of the edge, and few senders send much. */
  addressesRememberedMax: 1000,
  /** Addresses that have sent a genuine webhook lately, and for how long they may use what is set aside. */
  addressesProvenMax: 1000,
  addressProvenMs: DAY_MS,
  /** While forwarding headers come and no proxy is configured, that is said so often; so long after the last one it is forgotten. */
  proxyWarnedEveryMs: 10 * MINUTE_MS,
  /** How often a write is tried, so that whoever asks whether the server is ready is answered out of memory. */
  probeEveryMs: 2 * SECOND_MS,
  /** Times in a row that a write may still be going on when the next is due; then the server is not ready. */
  probesMissedMax: 2,
  /** What waits is counted anew after this long at the earliest, however often somebody asks for metrics. */
  depthAgeMsMax: 5 * SECOND_MS,
  /** Counting ends here: the numbers of a longer queue say "so many or more", and cost milliseconds. */
  depthCountedMax: 100_000,
  /** Requests a second to the operations address, and connections: a few people and one Prometheus. Above: 429, dropped. */
  operationsPerSecondMax: 20,
  operationsConnectionsMax: 64,
  /** Newest webhooks of a provider that are looked at for which secret verified them. */
  secretUseWebhooksMax: 1000,
  /** Operators of one machine: a team, and those on call. More are refused. */
  operatorsMax: 100,
  /** Characters of an operator's passphrase; at least what PCI DSS 8.3.6 asks for. */
  passphraseCharsMin: 12,
  passphraseCharsMax: 256,
  /** Wrong passphrases of one operator within `signInLockMs`, after which the right one is refused too (PCI DSS 8.3.4). */
  signInsWrongMax: 10,
  signInLockMs: 30 * MINUTE_MS,
  /** How long a link into the console is good for, used once. */
  consoleLinkMsMax: 2 * MINUTE_MS,
  /** Links and sessions that one console keeps: one person has a few browsers. The oldest goes when there are more. */
  consoleLinksMax: 8,
  consoleSessionsMax: 16,
  /** A session ends when its person does nothing for so long (PCI DSS 8.2.8), and after so long whatever they do. */
  consoleIdleMsMax: 15 * MINUTE_MS,
  consoleSessionMsMax: 8 * HOUR_MS,
  /** Wrong links in a minute; of more nobody is told whether they were right. */
  consoleLoginsWrongPerMinuteMax: 10,
  /** Largest body that the console reads: a reason of `lastErrorCharsMax` characters, and names around it. */
  consoleBodyBytesMax: 16 * KIB,
  /** Characters of one filter in an address: a cursor is the longest. */
  consoleFilterCharsMax: 1024,
  /** Rows that the console asks for at a time: more than a person looks at. */
  consoleRowsMax: 200,
  /** Connections to the console, of a few browsers with six each. More are dropped. */
  consoleConnectionsMax: 128,
  /** How often the console looks whether anything has changed, and how often it tells a page so at the most. */
  consoleLookMs: 500,
  consoleHintMsMin: SECOND_MS,
  /** To all pages together, for each asks again: with ten that asked once a second deliveries waited 2.8 times as long on two slow cores. */
  consoleHintsPerSecondMax: 2,
  /** A stream of hints that has nothing to say says so after this long: what stands between notices when one side is gone. */
  consoleHeartbeatMs: 15 * SECOND_MS,
  /** Streams of hints of one session: a browser needs one, whatever its tabs. Above: 429, and the page asks now and then. */
  consoleStreamsPerSessionMax: 4,
  /** Rows and time of one export, and exports at a time. What is more is said at its end, with where to go on; above: 429. */
  consoleExportRowsMax: 100_000,
  consoleExportMsMax: 2 * MINUTE_MS,
  consoleExportsMax: 2,
  /** After an answer, until the console gives its memory back: seldom enough for pages that ask each second to cost 0.4 % of a core. */
  consoleReturnsMemoryMs: 10 * SECOND_MS,
  /** Without a byte that comes or goes on a connection: whoever pauses a download does not hold its place. More than any answer takes. */
  consoleStalledMsMax: 3 * MINUTE_MS,
  /** Entries of a trail that the console downloads as one file, below 4 GiB; above, the command line writes a folder. */
  consoleTrailEntriesMax: 1_000_000,
  /** Webhooks whose payload one operator opens in an hour; above, somebody is copying them. */
  consolePayloadsPerHourMax: 60,
  /** Nesting of JSON. Stripe's deepest object has about 12. Above: stored as unparsable when signed. */
  jsonDepthMax: 64,
  /**
   * Largest body that is parsed before it is verified, where the signatures stand in it (Adyen). Six items of up to 10 KB
   * are the largest batch that Adyen documents. Above: 401.
   */
  unverifiedJsonBytesMax: 128 * KIB,
  /** Members, elements and containers of such a body: a batch of six large items has about 2,000. Above: 401, unread. */
  unverifiedJsonTokensMax: 8192,
  /** Events in one delivery. Adyen documents 6, GoCardless 250. Above: stored as unparsable when signed. */
  eventsPerDeliveryMax: 250,
  /** Signatures in one header that are looked at: rolled secrets give 2 or 3. The rest is not read. */
  signaturesPerHeaderMax: 16,
  /** Webhooks kept beside one of the same id that says something else. A sender with a secret could make any number. Above: counted. */
  variantsMax: 3,
  /** Characters of a dedupe key; longer ones are replaced by their SHA-256. DynamoDB keys hold 2048 bytes. */
  dedupeKeyCharsMax: 256,
  /** Characters kept of a stored header value. */
  storedHeaderCharsMax: 1024,
  /** Characters of an event type, object id or account taken over from a payload; longer ones are cut. */
  fieldCharsMax: 256,
  /** Attempts kept with a webhook, the newest: over how long it fails, and whether always in the same way. */
  attemptsKeptMax: 20,
  /** Characters of what is kept of the error of each: a sentence. */
  attemptErrorCharsMax: 200,
  /** Characters of `lastError`: enough for a code and a sentence. */
  lastErrorCharsMax: 500,
  /** How long a data key encrypts new payloads. Old ones stay readable forever. */
  dataKeyAgeMsMax: 24 * HOUR_MS,
  /** How many payloads one data key encrypts: far below the 2^32 that random 96-bit nonces allow (NIST SP 800-38D). */
  dataKeyUsesMax: 1_000_000,
  /**
   * Opened data keys kept in memory for reading. A hundred receivers
   * write under one each, and webhooks of these and of those before are processed side by side.
   */
  dataKeysCachedMax: 500,
  /** Clock difference that a signed timestamp may have, either way. Stripe's and Standard Webhooks' documented 300 s. */
  signatureToleranceMs: 300 * SECOND_MS,
  /** Certificates kept in memory; PayPal uses a handful at a time. */
  certificatesCachedMax: 50,
  /** How long a certificate fetch may take in all before the delivery is answered 503. */
  certificateFetchMsMax: 3 * SECOND_MS,
  /** Anybody can name certificates that are not there: this many are asked for at once, of one sender a half of what is free. */
  certificateFetchesUnderwayMax: 8,
  certificateFetchesOfStrangersMax: 6,
  certificateFetchesOfFreeMax: 1 / 2,
  /**
   * Certificates asked for in a minute that turned out not to be there. A sender that has used up its share of them is not
   * asked for any more: each costs a request that leaves from our address.
   */
  certificateMissesPerMinuteMax: 300,
  certificateMissesOfStrangersMax: 200,
  /** A failed fetch is not tried again for so long, whoever asks. */
  certificateFailureRememberedMs: 3 * SECOND_MS,
  /** A PEM certificate has 2–3 KB. */
  certificateBytesMax: 64 * KIB,
  /** A file of the local home that holds secrets: the largest is a certificate with its chain and key. */
  secretFileBytesMax: 64 * KIB,
  /**
   * A webhook that no attempt could process for so long is dead-lettered: over a long weekend, as for destinations. By age
   * and not by a count, because an outage must not use up attempts.
   */
  giveUpAfterMs: 72 * HOUR_MS,
  /** Attempts before a webhook is dead-lettered whatever its age. With the backoff below 72 hours have about 600. */
  attemptsMax: 2000,
  /** Attempts before age counts: a machine that was off for a week must not give everything up after one failure. */
  attemptsMin: 5,
  /** The same for attempts that called nobody, because a handler rested: with the backoff below about eleven hours. */
  restedAttemptsMin: 100,
  /**
   * Attempts of a webhook with nothing beside it that took down what they ran in, before it is dead-lettered. With the one
   * that brought the suspicion, when others ran beside it, these are ten.
   */
  brokenAttemptsMax: 9,
  /** A claim rests for so long after store, queue or key service broke, and the longer the longer it has waited. */
  brokenBackoffBaseMs: 5 * SECOND_MS,
  brokenBackoffCapMs: 15 * MINUTE_MS,
  backoffBaseMs: SECOND_MS,
  /** A quarter of an hour is soon enough after an outage, and what SQS can delay a message for. */
  backoffCapMs: 15 * MINUTE_MS,
  /**
   * A webhook that waits, is due and has not moved for so long has lost its place on the queue: longer than the longest rest
   * that is not written down (after a machine of ours broke) and the longest execution together.
   */
  stuckMs: 20 * MINUTE_MS,
  /** While so much work is ready to be claimed, what does not move may simply wait for its turn. Then nothing is queued again. */
  sweepBacklogMin: 1000,
  /** One sweep ends after so long, and the next one goes on where it stopped: a schedule begins one each minute. */
  sweepMsMax: 30 * SECOND_MS,
  /** Webhooks that one sweep reads and queues at a time. */
  sweepAtOnceMax: 10,
  /** Webhooks in the index of those that need attention that one sweep looks at; the next one looks at those after them. */
  sweepAttentionMax: 5000,
  /** How long a webhook that has to run alone waits for its turn before it is put back: less than a lease. */
  aloneTurnMsMax: 10 * SECOND_MS,
  /**
   * What a function keeps besides the time of its handlers, so that a webhook that is begun alone can also be ended: reading
   * it, its payments, what became of it. Handlers may take 270 seconds of its 300.
   */
  aloneReserveMs: 10 * SECOND_MS,
  /**
   * A message comes back after the time of its handlers and this, should its function die: more than reading and writing
   * take when the stores are slow. Handed out too early it only runs twice.
   */
  holdReserveMs: 30 * SECOND_MS,
  /** When what was put back comes again. */
  aloneBackMs: 500,
  /** Longest wait that a handler may ask for with `retryIn`. On SQS: 48 quarters of an hour, each a message sent again. */
  retryInMsMax: 12 * HOUR_MS,
  /**
   * Nothing that waits on a queue of one machine rests for longer, whoever asked for it. What is due later was written while
   * the machine's clock was ahead: it is due.
   */
  restMsMax: 25 * HOUR_MS,
  /** How long one handler call may take. */
  handlerMsMax: 30 * SECOND_MS,
  /** Heap of the process that handlers run in; it may use as much again outside of the heap. Above: the process is ended. */
  handlerMemoryMbMax: 512,
  /** How long the handlers module may take to load: it may open connections, and a cold disk is slow. Above: the server does not start. */
  handlersLoadMsMax: 60 * SECOND_MS,
  /** A call of handlers that could not begin for so long, because others compute or their process is not there, is given back. */
  handlerBeginMsMax: 10 * SECOND_MS,
  /** Beyond `handlerMsMax`, for the answer to arrive; what has not answered then never will, and its process is ended. */
  handlerAnswerGraceMs: 2 * SECOND_MS,
  /** One message from the process of the handlers: the outcomes of 50 handlers for 250 events have 1 MB. Above: the process is ended. */
  handlerMessageBytesMax: 4 * MIB,
  /** Lines that one call may write into the log of Payhook. */
  handlerLogLinesMax: 100,
  /** What handlers print themselves, passed on in a second. Above: whoever prints waits. */
  handlerPrintBytesPerSecondMax: 256 * KIB,
  /** Escaped errors of no call told one by one in a minute; above that they are counted. */
  escapedErrorsToldPerMinuteMax: 20,
  /**
   * Before the process of the handlers is started again, doubled each time that it did not live long, up to the cap: other
   * webhooks wait for it. Up to the other cap when it could not be started: then a person has to mend the module.
   */
  handlersRestartBaseMs: 100,
  handlersRestartCapMs: SECOND_MS,
  handlersStartFailedCapMs: 30 * SECOND_MS,
  /** So long is a life long enough for the next start to be at once. */
  handlersSteadyMs: 30 * SECOND_MS,
  /** The process for calls that have to be alone is kept for so long after the last of them. */
  handlersIdleMs: 30 * SECOND_MS,
  /** Between the request to end and the end by force. */
  handlersEndMsMax: SECOND_MS,
  /** A claim is free for others after this long: longer than any handler, short enough after a crash. */
  leaseMs: 60 * SECOND_MS,
  /** Webhooks and their dedupe keys are kept this long: longer than any provider resends (90 days, Paddle). */
  retentionMs: 400 * DAY_MS,
  /**
   * Entries that one digest covers at most: each is a signature, an anchor and an item, which on AWS are paid one by one. It
   * lists 32 bytes of each entry, and an item on DynamoDB holds 400 KB.
   */
  digestEntriesMax: 5000,
  /** Entries, and chains of webhooks, that are looked at together while the trail is checked. */
  auditPageMax: 1000,
  /** The audit trail is kept for at least so long: PCI DSS 10.5.1 asks for twelve months. */
  auditKeptMsMin: 400 * DAY_MS,
  /** Webhooks or payments that retention removes at a time: a millisecond of the database, which deliveries wait for. */
  retentionBatchMax: 10,
  /** Rows that it looks at for them. */
  retentionLookedAtMax: 100,
  /** Entries of the trail that it looks at, or removes, at a time. */
  trailBatchMax: 200,
  /** Between two batches at least: removing is as fast as 200 webhooks a second can come. */
  retentionRestMs: 50,
  /** How long what can wait rests while deliveries wait. */
  makeRoomBusyMs: 2 * SECOND_MS,
  /** Between two rounds over everything, and before the first: a clock that was wrong at a start is right by then. */
  retentionRoundMs: HOUR_MS,
  /** Legal holds at a time: each batch looks at all of them. */
  legalHoldsMax: 1000,
  /** How often a server of one machine writes down what only its memory knows, a few KB. */
  stateEveryMs: SECOND_MS,
  /** A state that is older says that its server hangs or was killed: a busy one may be some seconds late. */
  stateFreshMs: 10 * SECOND_MS,
  /** A provider, or one of its event types, is not called silent before this, whatever was learnt of it. */
  silenceMsMin: 2 * HOUR_MS,
  /** Weeks whose longest silence is remembered, the one under way included: a month has its own rhythm. */
  silenceWeeksMax: 5,
  /** Before that, and before so many webhooks, nothing is known of it: a week has its own rhythm, too. */
  silenceKnownMs: WEEK_MS,
  silenceKnownCountMin: 20,
  /** Event types that this is known of, and providers; the one that was silent for the longest is forgotten first. */
  silenceTypesMax: 500,
  /** What was silent for so long is not expected back. */
  silenceForgottenMs: 5 * WEEK_MS,
  /** What is learnt is written, and looked at, so often: a few KB. */
  silenceEveryMs: 5 * MINUTE_MS,
  /** Nobody wrote for so long: nobody listened meanwhile, and that was no silence. */
  silenceAwayMs: 15 * MINUTE_MS,
  /** Less of the disk free than this part: `payhook health` says so. A burst of a day has to find room. */
  diskFreeMin: 1 / 10,
  /** Heads of chains remembered while reading; the entries of one chain are usually close together. */
  auditChainsRememberedMax: 50_000,
  /** Entries of one chain remembered in case they come again: a feed repeats what it has just said. The log knows older ones. */
  auditHashesRememberedMax: 16,
  /** Gaps in chains that a check keeps in mind, for the entries that may come late. One more is called removed at once. */
  auditGapsMax: 10_000,
  /** Entries that one review of a day looks at, the newest of it: about two seconds. More: it says how far it looked. */
  reviewEntriesMax: 200_000,
  /** Problems that a check of the trail names; more say nothing new. */
  auditProblemsMax: 20,
  /**
   * Deliveries that were turned away with a log line and an audit entry each, in a minute; above that they are counted
   * into one of both. Of these, those of strangers, and what one reason may have of what is free.
   */
  turnedAwayToldPerMinuteMax: 600,
  turnedAwayToldOfStrangersMax: 450,
  turnedAwayToldOfReasonMax: 1 / 2,
  /** Different (provider, reason) pairs counted apart in that entry; the rest counts as `other`. */
  turnedAwayGroupsMax: 200,
  /**
   * An event that no attempt could deliver to a destination for so long is given up: over a long weekend. By age and not
   * by a count, because only probes are sent while a destination is down: an entry must not lose its attempts to an
   * outage.
   */
  destinationGiveUpAfterMs: 72 * HOUR_MS,
  /** One request to an HTTP destination in all; Standard Webhooks advises 15 to 30 s, most receivers need one. */
  destinationTimeoutMs: 10 * SECOND_MS,
  /** Requests to one destination at a time. */
  destinationConcurrencyMax: 8,
  /** Entries claimed ahead of their requests: how many is learned from how soon they are sent. */
  destinationAheadMax: 256,
  /** Nobody reads the answer's body. So much of it is waited for, so that the connection can be used again. */
  destinationAnswerBytesMax: 16 * KIB,
  /** Longest wait that a destination may ask for with `Retry-After`. */
  retryAfterMsMax: DAY_MS,
  /** Messages kept in memory for a sender in the same process, about a kilobyte each; the oldest goes when there are more. */
  recentMessagesMax: 2000,
  /** How long an entry rests that we could not load or sign. */
  sendBrokenWaitMs: 30 * SECOND_MS,
  /** One request to the address that alerts are posted to. */
  alertPostMsMax: 5 * SECOND_MS,
  /** Destinations in one configuration: each is a loop here and a queue on AWS. */
  destinationsMax: 20,
  /** Handlers in one module: the outcome of each is stored with every webhook. */
  handlersMax: 50,
  /** A file of a destination that has grown to this is rotated. */
  ndjsonFileBytesMax: 100 * MIB,
  /** Files of a destination kept, the current one included. */
  ndjsonFilesMax: 10,
  /** Events that one payment may have. Real ones have up to thirty; a stored payment has to fit into 400 KB. */
  paymentEventsMax: 500,
  /** Events of an invoice, subscription or the like whose answer is kept: how each was received when it arrives again. */
  subjectEventsMax: 12,
  /** Types of a provider that its catalogue did not have, each alarmed once by one process; beyond these only counted. */
  unknownTypesMax: 100,
  /** Things in a list of a payload that are mapped, such as the refunds of a charge. */
  payloadListItemsMax: 100,
  /**
   * Characters of an amount in a payload: with a sign, and with decimals or leading zeros that a lenient provider may add.
   * Anything longer is not an amount.
   */
  amountCharsMax: 64,
  /** Digits of an amount in its smallest unit. All money in the world has 17; DynamoDB's numbers end at 38. */
  amountDigitsMax: 36,
  /** Rows that a list returns at most in one call. */
  listLimitMax: 1000,
  /**
   * Items of a table looked at for one page: half of a tenth of a second on one machine, some seconds on AWS. What is rarer is
   * on the pages after it, or has to be asked for in a shorter time.
   */
  listLookedAtMax: 20_000,
  /** Webhooks whose entries for destinations are looked up for one page: each is a read of its own. Above: as above. */
  entriesLookedAtMax: 1000,
  /** Payments whose state is computed for one list by what they have, or one sum, the newest: a second of work. */
  paymentsLookedAtMax: 10_000,
  /** Rows that `find` looks at for an id that no index knows: a tenth of a second here, some seconds on AWS. */
  findLookedAtMax: 7_500,
  /** Webhooks of this machine that the console reads at a time for it: what these are made of dies in its young generation of 1 MB. */
  causesAtOnceMax: 30,
  /** Webhooks that one report of causes groups, the newest: a second of work. */
  causesLookedAtMax: 20_000,
  /** Newest webhooks among which each provider is looked for that has not been heard of, and how far back a second look goes. */
  newestLookedAtMax: 2000,
  newestAgainMs: 30 * SECOND_MS,
  /** Newest webhooks of which the overview says how long those took that ended, and how soon it looks at them again. */
  endedLookedAtMax: 300,
  endedAgainMs: 10 * SECOND_MS,
  /** Newest webhooks that the graphs of the console count: a quarter of a second here, some seconds on AWS. More: a shorter time. */
  activityWebhooksMax: 5_000,
  /** A webhook that waits for longer than this puts its payment at risk: backoff is a quarter of an hour at most. */
  atRiskAfterMs: 15 * MINUTE_MS,
  /** Messages of a dead-letter queue looked at for one command: about ten seconds. */
  deadLettersLookedAtMax: 1000,
  /** Webhooks of one job, the newest that its filter finds: what is more is for another one. */
  jobWebhooksMax: 10_000,
  /** Webhooks of one that are named one by one: what a person picks on a page. More have something in common to filter by. */
  jobIdsMax: 100,
  /** Of these, what is read and written together, and how many parts are under way: what has not ended holds back the next. */
  jobPartWebhooksMax: 25,
  /** Of a part as it is stored, with what comes to stand in it: an item on DynamoDB holds 400 KB. A resend names each event. */
  jobPartBytesMax: 350 * KIB,
  jobPartsOpenMax: 8,
  /** More a second than handlers of a team are used to would be an attack of our own. */
  jobWebhooksPerSecondMax: 500,
  /** A job stops by itself when so many of the last so many have failed again: 20 %. */
  jobFailuresMax: 4,
  jobFailuresLookedAtMax: 20,
  /** Whoever carries a job on and is not heard of for so long is taken for gone. */
  jobCarrierMsMax: MINUTE_MS,
  /** How long a request waits for a second person: over a night, and not until nobody remembers it. */
  jobApprovalMsMax: DAY_MS,
  /** How long a job is kept after it was asked for; the audit trail has it for longer. */
  jobKeptForMs: 90 * DAY_MS,
  /** Webhooks named in a preview for each reason why nothing can be done. */
  jobExamplesMax: 5,
  /**
   * Times that the signature doctor judges one delivery again, and bytes that it hashes for it: more than all that it knows
   * to try for a body of 30 KB, and about a second. Above: it says that it did not try everything.
   */
  doctorTriesMax: 2000,
  doctorBytesMax: 64 * MIB,
  /**
   * Places of the rejected box for each provider: of known senders together, of each other address (one of so many, by its
   * hash), so that there are never more than 2,560, of which strangers fill 512. With the largest bodies these have 25 MB,
   * which is all that strangers can make us keep.
   */
  rejectedPlacesOfKnownMax: 2048,
  rejectedAddressesMax: 64,
  rejectedPlacesOfAddressMax: 8,
  /** Larger rejected bodies are not kept. Real events stay below it, but for the largest invoices. */
  rejectedBodyBytesMax: 48 * KIB,
  /** Kept in a minute by one process: each is a write, and takes some milliseconds to screen. The rest is only counted. */
  rejectedKeptPerMinuteMax: 120,
  rejectedKeptOfStrangersMax: 60,
  /**
   * The same for one execution environment of a function, of which there are up to 100: whoever tries a secret has two a
   * minute, and the largest bodies of strangers cost no more than 105,000 write units a minute, seven cents.
   */
  rejectedKeptByFunctionMax: 60,
  rejectedKeptOfStrangersByFunctionMax: 36,
  /** How long: over a long weekend and the days in which a provider tries again. */
  rejectedKeptForMs: 7 * DAY_MS,
  /** Webhooks or payments that `find` answers with: an id is almost always of one. */
  findMax: 100,
  /** With `payhook dev`, deliveries on their way to an application of the developer's. Above: not handed on, and said so. */
  forwardsUnderwayMax: 64,
  /** How long that application may take for one; providers wait no longer. Then: given up. */
  forwardMsMax: 30 * SECOND_MS,
  /** One request to a provider's API, in all. Lists of a hundred events take about a second. */
  apiCallMsMax: 30 * SECOND_MS,
  /** One such request while a webhook is processed: a few of them fit into what its claim lasts beyond a handler. */
  confirmCallMsMax: 7 * SECOND_MS,
  /** Thin events whose data is kept in memory, for handlers that fail and are called again. */
  fetchedKeptMax: 100,
  /** Objects that a provider is asked for on account of one webhook, and how many answers are kept for those that wait behind it. */
  presentObjectsMax: 3,
  presentAnswersKeptMax: 100,
  /** Such questions in a minute, of one account of a provider's, and accounts that are counted. Above: tried again later. */
  presentAsksPerMinuteMax: 60,
  presentAccountsMax: 1000,
  /** Bytes of an answer of such an API: a hundred events of the largest kind. Above: it is not read, and said so. */
  apiAnswerBytesMax: 32 * MIB,
  /**
   * Members, elements and containers of such an answer: a hundred events of the largest kind have a few hundred thousand, and
   * each takes up to two hundred bytes of memory. Above: it is not parsed, and said so.
   */
  apiAnswerTokensMax: 2_000_000,
  /** Events of one page of a list. Stripe and Square allow no more. */
  listedEventsMax: 100,
  /** Characters of what a provider's API gives to go on behind a page. A link of PayPal's has some two hundred. */
  listCursorCharsMax: 2048,
  /** How often Payhook reconciles by itself. */
  reconcileEveryMs: 10 * MINUTE_MS,
  /**
   * How long a provider is asked before it is the turn of the next one; what is under way then is waited for, at most one request.
   * Two providers that hang leave the third one time in a round of a function, too.
   */
  reconcileTurnMsMax: 20 * SECOND_MS,
  /** Younger events are left alone: their delivery may be under way. */
  reconcileSettleMs: 15 * MINUTE_MS,
  /** Our clock may be ahead of a provider's by so much: more, and what we ask for has not all happened yet. */
  clockAheadMsMax: MINUTE_MS,
  /** What was reconciled is asked for again for so long: clocks differ, and an event may come late into its provider's list. */
  reconcileOverlapMs: HOUR_MS,
  /** Kept away from the end of what deliveries are remembered for: nothing is recovered that retention may have deleted. */
  reconcileMarginMs: HOUR_MS,
  /** Pages of one run; the next one goes on behind them. Half an hour at a second each. */
  reconcilePagesMax: 2000,
  /**
   * Listed events that are looked up or stored at a time. They share commits with deliveries: the more of them, the fewer
   * commits, each of which has room for four times as many.
   */
  reconcileConcurrencyMax: 64,
  /** Recovered webhooks and findings that one report names; the rest is counted, and all of them have log lines. */
  reconcileNamedMax: 1000,
  /** Behind by more than this: a person is told. A provider may be down for an hour. */
  reconcileBehindMs: 6 * HOUR_MS,
  /** How long a provider is left alone that limits us and does not say for how long. */
  reconcileRestMs: MINUTE_MS,
  /** How often the reconciler looks whether a provider still delivers to our endpoint. */
  endpointsEveryMs: HOUR_MS,
  /** Of the newest webhooks of a provider, in how many the doctor looks for the API version that they are written in. */
  versionsLookedAtMax: 20,
  /** Differences of one list of objects that a report names; the rest is counted. */
  objectDifferencesMax: 10_000,
  /** A payment may be begun, which its provider counts from, so long before somebody pays it, which is told first at some. */
  objectBegunBeforeMs: DAY_MS,
  /** Payments here are looked for in what is listed so long behind it: clocks differ, and lists are filled late. */
  objectLagMs: HOUR_MS,
  /** What is made in so long is checked before what follows, doubled or halved by the pages that it took; then it is kept. */
  objectSliceMsMin: 2 * DAY_MS,
  objectSlicePagesMax: 200,
  /** An interrupted check is gone on with for so long; what it found is too old then. */
  checkResumedMsMax: DAY_MS,
  /** Of what an interrupted check has found, bytes of JSON that are kept: about a thousand differences. DynamoDB has room for 400 KB. */
  checkProgressBytesMax: 320 * KIB,
  /** Times that one page of objects is asked for. */
  objectTriesMax: 5,
  /** Doubled with each try, where a provider does not say how long to wait. */
  objectRestMs: SECOND_MS,
  /** A provider that wants a longer wait ends the check: a person is waiting for it. */
  objectWaitMsMax: 5 * MINUTE_MS,
} as const;
