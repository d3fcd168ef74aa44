import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import type { Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

import { until } from './eventually';

const USER = 'mailer';
const PASSWORD = 'not a secret';

export interface Mail {
	from: string;
	/** The name beside the sender's address. */
	fromName: string;
	/** The recipients of the envelope, whatever the headers say. */
	recipients: string[];
	/** To whom its header says that it goes. */
	to: string[];
	subject: string;
	text: string;
	html: string;
	/** Milliseconds since 1970. */
	receivedAt: number;
}

/** A real SMTP server, which keeps every mail that it takes. */
export class MailServer {
	/** All mails, in the order in which they came. */
	readonly mails: Mail[] = [];
	/** Every try to send to these addresses, with how many more of them are refused. */
	private readonly refusals = new Map<string, number>();
	private readonly server: SMTPServer;

	private constructor() {
		this.server = new SMTPServer({
			disabledCommands: ['STARTTLS'],
			disableReverseLookup: true,
			onAuth: ({ username, password }, _session, done) => {
				if (username === USER && password === PASSWORD) done(null, { user: username });
				else done(new Error('Wrong user or password'));
			},
			onRcptTo: ({ address }, _session, done) => {
				const left = this.refusals.get(address) ?? 0;
				this.refusals.set(address, left - 1);
				done(left > 0 ? Object.assign(new Error('Try again later'), { responseCode: 451 }) : null);
			},
			onData: (stream, { envelope }, done) => {
				const recipients = envelope.rcptTo.map(({ address }) => address);
				const taken = async () => this.mails.push(mailOf(await PostalMime.parse(await buffer(stream)), recipients));
				taken().then(() => done(), done);
			},
		});
	}

	static async start(): Promise<MailServer> {
		const started = new MailServer();
		const listening = started.server.listen(0, '127.0.0.1');
		await once(listening, 'listening');
		return started;
	}

	/** What a person fills into n8n's SMTP credential. */
	get credential() {
		const { port } = this.server.server.address() as AddressInfo;
		return { host: '127.0.0.1', port, secure: false, disableStartTls: true, user: USER, password: PASSWORD, hostName: '' };
	}

	/** Refuses the next tries to send to this address, for now. */
	refuse(address: string, times: number): void {
		this.refusals.set(address, times);
	}

	mailsTo(address: string): Mail[] {
		return this.mails.filter(({ recipients }) => recipients.includes(address));
	}

	/** Waits for mails to an address. @returns all that it got, more than expected if there are more */
	async untilMailsTo(address: string, count: number, milliseconds = 30_000): Promise<Mail[]> {
		const otherwise = () => `Expected ${count} mails to ${address}; there are ${JSON.stringify(this.mails, null, 1)}`;
		await until(() => this.mailsTo(address).length >= count, { within: milliseconds, otherwise });
		return this.mailsTo(address);
	}

	async stop(): Promise<void> {
		await new Promise<void>((resolve) => this.server.close(() => resolve()));
	}
}

/** A port in front of a mail server at which its answers arrive differently, or not at all. */
export class Relay {
	private constructor(private readonly server: Server) {}

	/** @param pass hands an answer of the mail server to its client, who has sent `sent` so far */
	static async to(mail: MailServer, pass: (answer: Buffer, client: Socket, sent: string) => void): Promise<Relay> {
		const server = createServer((client) => {
			const behind = connect(mail.credential.port, '127.0.0.1');
			let sent = '';
			client.on('data', (chunk) => (sent += chunk.toString('latin1')));
			client.pipe(behind);
			behind.on('data', (answer) => pass(answer, client, sent));
			for (const socket of [client, behind]) socket.on('error', () => {});
			client.on('close', () => behind.end());
			// After the last answer, which may take a while.
			behind.on('close', () => setTimeout(() => client.destroy(), 100));
		});
		await once(server.listen(0, '127.0.0.1'), 'listening');
		return new Relay(server);
	}

	get port(): number {
		return (this.server.address() as AddressInfo).port;
	}

	close(): void {
		this.server.close();
	}
}

function mailOf({ from, to = [], subject = '', text = '', html = '' }: Email, recipients: string[]): Mail {
	return {
		from: from?.address ?? '',
		fromName: from?.name ?? '',
		recipients,
		to: to.map(({ address = '' }) => address),
		subject,
		text: text.trim(),
		html: html.trim(),
		receivedAt: Date.now(),
	};
}
