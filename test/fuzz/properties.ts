import { n8nProperty } from './properties/n8n';
import { sequenceProperty } from './properties/sequences';
import { parametersProperty, pathProperty, secretProperty } from './properties/settings';
import { signatureProperty } from './properties/signature';
import { webhookProperty } from './properties/webhook';
import type { Property } from './property';

export const properties: readonly Property[] = [
	signatureProperty,
	webhookProperty,
	pathProperty,
	secretProperty,
	parametersProperty,
	sequenceProperty,
	n8nProperty,
];

/** @throws with a sentence for who typed the name */
export function propertyCalled(name: string): Property {
	const found = properties.find((property) => property.name === name);
	if (found) return found;
	throw new Error(`There is no property "${name}", only ${properties.map((property) => property.name).join(', ')}.`);
}
